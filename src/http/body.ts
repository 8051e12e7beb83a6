/** What a POST brings along. */
import type { IncomingMessage } from 'node:http'
import { type HttpAnswer, refusal } from './routes.ts'

/** Far more than any command needs. */
const largestBody = 16 * 1024

/** The body as JSON, undefined without one; or why it is not taken. */
export async function readBody(
  request: IncomingMessage,
): Promise<{ readonly body: unknown } | { readonly refused: HttpAnswer }> {
  const parts: Buffer[] = []
  let size = 0
  // Destroyed, it could not be answered any more.
  for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += part.length
    if (size > largestBody) {
      return { refused: refusal(413, `brings more than ${largestBody} bytes`, 'send less') }
    }
    parts.push(part)
  }
  if (size === 0) return { body: undefined }
  // A form of another site can't send this type without asking first, which is not answered.
  if (!/^application\/json *(?:;|$)/i.test(request.headers['content-type'] ?? '')) {
    return { refused: refusal(415, 'brings something that is not called JSON', 'send application/json') }
  }
  try {
    return { body: JSON.parse(Buffer.concat(parts).toString('utf8')) }
  } catch {
    return { refused: refusal(400, 'brings something that is no JSON', 'send JSON in UTF-8') }
  }
}
