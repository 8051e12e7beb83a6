/** What is in folders: names, sizes and times, nothing of what is in the files. */
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { visible } from '../../mistakes/visible.ts'
import { readNames, systemPath } from '../../tail/folder/file-name.ts'
import { compareFileOrder, fileOrder } from '../../tail/folder/file-order.ts'
import { lanes } from '../../tail/folder/lanes.ts'

const mostNames = 3_000

/** A line for each name, the newest log last; why, where a folder can't be read. */
export async function listing(folder: string): Promise<string> {
  const lane = lanes.of(folder)
  const head = `${visible(folder)}\n`
  try {
    const names = (await lane.call(() => readNames(folder))).map(fileOrder).sort(compareFileOrder)
    const shown = names.slice(-mostNames)
    const lines: string[] = []
    for (const { name } of shown) {
      const facts = await lane
        .call(() => stat(systemPath(path.join(folder, name))))
        .then(
          (file) => `${file.mtime.toISOString()} ${String(file.size).padStart(12)} ${mode(file.mode)}`,
          (error: Error) => error.message,
        )
      lines.push(`${facts} ${visible(name)}\n`)
    }
    const others = names.length - shown.length
    return head + (others > 0 ? `${others} older ones are not listed\n` : '') + lines.join('')
  } catch (error) {
    return `${head}It can not be read: ${(error as Error).message}\n`
  }
}

function mode(bits: number): string {
  const kind = (bits & 0o170000) === 0o040000 ? 'd' : '-'
  return `${kind}${(bits & 0o777).toString(8).padStart(3, '0')}`
}
