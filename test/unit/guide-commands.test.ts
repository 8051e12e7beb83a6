/** Commands in the guides are commands: their names, options and values are those that the program takes. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Command } from 'commander'
import { expect, test } from 'vitest'

const root = path.join(import.meta.dirname, '../..')
const pages = ['README.md', ...pagesIn('docs')]

function pagesIn(folder: string): readonly string[] {
  const names = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name.endsWith('.md') && !/^(?:decisions|parts)/.test(name))
    .map((name) => path.join(folder, name))
}

/** The words of each command of msgtrk in the blocks of a page, its own name left out. */
function commandsIn(page: string): readonly (readonly string[])[] {
  const text = readFileSync(path.join(root, page), 'utf8')
  const blocks = [...text.matchAll(/^ *```(\w*)\n(.*?)^ *```/gms)].flatMap(([, language = '', block = '']) =>
    ['', 'sh', 'powershell'].includes(language) ? [block] : [],
  )
  const lines = blocks.flatMap((block) => block.replace(/\\\n\s*/g, ' ').split('\n'))
  return lines.flatMap((line) => {
    // What comes before may start it in a container.
    const [, command] = /^\s*(?:podman exec msgtrk )?msgtrk (.*)$/.exec(line) ?? []
    return command === undefined ? [] : [wordsOf(command)]
  })
}

/** As a shell takes it, up to a comment or what is not of the command any more. */
function wordsOf(line: string): readonly string[] {
  const words: string[] = []
  for (const [word] of line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)) {
    if (/^(?:#|\||>|&|2>|<)/.test(word)) break
    words.push(word.replace(/^(['"])(.*)\1$/, '$2'))
  }
  return words
}

/** A command that is parsed as ever, and does nothing. */
function idle(command: Command): Command {
  command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} })
  if (command.commands.length === 0) command.action(() => {})
  for (const each of command.commands) idle(each)
  return command
}

async function commandOf(name: string): Promise<Command> {
  const file = name === 'resume' ? 'pause' : name
  const module: Record<string, (context: object) => Command> = await import(
    `../../src/cli/commands/${file}.ts`
  )
  const camel = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  const create = module[`${camel}Command`]
  if (create === undefined) throw new Error(`there is no command ${name}`)
  return idle(create({ stop: new AbortController().signal, takeHangup: () => {} }))
}

test.each(pages.filter((page) => commandsIn(page).length > 0))('those in %s', async (page) => {
  for (const [name = '', ...args] of commandsIn(page)) {
    if (name === '--version') continue
    const command = await commandOf(name)
    await expect(
      command.parseAsync(args, { from: 'user' }).then(
        () => 'parsed',
        (error: Error) => error.message,
      ),
      `msgtrk ${name} ${args.join(' ')}`,
    ).resolves.toBe('parsed')
  }
})
