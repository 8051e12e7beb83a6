/** Files of this machine in place of a receiver. */
import { absolute } from '../../config/complete.ts'
import type { Examined } from '../../mistakes/examined.ts'
import { type Interview, textOf } from './conversation.ts'
import { problemsIn } from './given.ts'
import { Insisted } from './insisted.ts'
import { tryReceiver } from './try-receiver.ts'

/** Asks where the events are written to, until it works or is insisted on; as the address of a destination. */
export async function askFiles({ asker, cwd, signal }: Interview): Promise<string> {
  const insisted = new Insisted()
  const whole = (text: string) => fileAddress(/^file:/i.test(text) ? text : absolute(cwd, text))
  let examined: readonly Examined[] = []
  const typed = await asker.text({
    message: 'Into which files (%Y-%m-%d is the day, %H the hour, %S the source)',
    placeholder: '/var/log/msgtrk/%Y-%m-%d.cef, in a folder that is there',
    form: (text) =>
      text === ''
        ? 'write folder and name'
        : textOf(problemsIn({ destinations: [{ to: whole(text) }] }, cwd)),
    trial: async (text) => {
      examined = await tryReceiver({ to: whole(text) }, signal)
      return insisted.on(text, examined)
    },
  })
  for (const one of examined) asker.tell(one)
  return whole(typed)
}

/** A path of this machine, or of a share on Windows, as `to` has it; what stands for a time stays. */
export function fileAddress(path: string): string {
  if (/^file:/i.test(path)) return path
  const slashes = path.replaceAll('\\', '/').replaceAll(' ', '%20')
  return slashes.startsWith('//')
    ? `file:${slashes}`
    : `file://${slashes.startsWith('/') ? '' : '/'}${slashes}`
}
