/** What comes with a question over the control socket, and what is answered. */
import * as z from 'zod'
import type { ControlAnswer } from '../control/routes.ts'
import { ProblemsError } from '../mistakes/problem.ts'

/** Who asks, as they say: the socket itself only tells that it is the account of the instance, or root. */
export const askedBy = z.string().min(1).max(200)

/** What `answer` makes of a body of this shape; what it throws as a `ProblemsError` is told to who asked. */
export async function answered<Schema extends z.ZodType>(
  schema: Schema,
  path: `/${string}`,
  body: unknown,
  answer: (request: z.output<Schema>) => unknown,
): Promise<ControlAnswer> {
  const request = schema.safeParse(body)
  if (!request.success) {
    const remedy = `ask with the "msgtrk ${path.slice(1)}" of the version that runs`
    return { problems: [{ where: { argument: path }, message: request.error.message, remedy }] }
  }
  try {
    return { value: await answer(request.data) }
  } catch (error) {
    if (error instanceof ProblemsError) return { problems: error.problems }
    throw error
  }
}
