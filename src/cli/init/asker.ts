/** Who answers the questions of `msgtrk init` and `msgtrk trust`. */
import { setMaxListeners } from 'node:events'
import { styleText } from 'node:util'
import type { Examined } from '../../mistakes/examined.ts'
import { visible } from '../../mistakes/visible.ts'
import type { Terminal } from '../terminal/question.ts'
import { textTable } from '../terminal/table.ts'

/** One answer among several. */
interface Choice<Value extends string> {
  readonly value: Value
  readonly label: string
  readonly hint?: string
}

/** A text to be typed. */
export interface TextQuestion {
  readonly message: string
  readonly placeholder?: string
  /** What stands there to begin with. */
  readonly initial?: string
  /** What is wrong with the text so far, said while it is typed; undefined for nothing. */
  readonly form?: (text: string) => string | undefined
  /** What is wrong with it in earnest, found out when it is entered. */
  readonly trial?: (text: string) => Promise<string | undefined>
}

/** Asks a person. Every question throws a `Cancelled` when it is refused. */
export interface Asker {
  text(question: TextQuestion): Promise<string>
  choose<Value extends string>(
    message: string,
    choices: readonly Choice<Value>[],
    initial?: Value,
  ): Promise<Value>
  several<Value extends string>(
    message: string,
    choices: readonly Choice<Value>[],
    initial: readonly Value[],
  ): Promise<readonly Value[]>
  agree(message: string, initial: boolean): Promise<boolean>
  /** What a try has shown. */
  tell(found: Examined): void
  note(title: string, text: string): void
  /** Characters that a line of a note has room for; undefined without a limit. */
  readonly width?: number
}

/** Ctrl-C, Esc, or the end of the input. */
export class Cancelled extends Error {}

/** Asks on a terminal. What it needs for that is loaded only here. */
export async function terminalAsker({ input, output }: Terminal, signal: AbortSignal): Promise<Asker> {
  const clack = await import('@clack/prompts')
  const { TextPrompt, settings } = await import('@clack/core')
  // Letters that move lists: what is typed too early, such as a path, would choose something.
  for (const name of settings.aliases.keys()) if (/^[a-z]$/.test(name)) settings.aliases.delete(name)
  setMaxListeners(0, signal) // one for each question: no leak
  const common = { input, output, signal }
  const answered = <Answer>(answer: Answer): Exclude<Answer, symbol> => {
    if (typeof answer === 'symbol') throw new Cancelled()
    return answer as Exclude<Answer, symbol>
  }
  const optionsOf = <Value extends string>(choices: readonly Choice<Value>[]) => {
    return choices.map((choice) => ({ ...choice })) as Parameters<typeof clack.select<Value>>[0]['options']
  }
  const { columns } = output as { readonly columns?: number }
  // A bar and two blanks stand before each.
  const width = columns === undefined ? undefined : columns - 4
  const inLines = (text: string) => textTable([[text]], { width }).trimEnd()
  const bar = (color: 'cyan' | 'yellow' | 'gray') => styleText(color, clack.S_BAR)

  return {
    async text({ message, placeholder, initial, form = () => undefined, trial }) {
      const prompt = new TextPrompt({
        ...common,
        ...(placeholder !== undefined && { placeholder }),
        ...(initial !== undefined && { initialValue: initial }),
        validate: (value) => form(value?.trim() ?? '') ?? trial?.(value?.trim() ?? ''),
        render() {
          const typed = this.userInput
          const head = `${styleText('gray', clack.S_BAR)}\n${clack.symbol(this.state)}  ${message}\n`
          if (this.state === 'submit') return `${head}${bar('gray')}  ${styleText('dim', visible(typed))}`
          if (this.state === 'cancel')
            return `${head}${bar('gray')}  ${styleText('dim', visible(typed))}\n${bar('gray')}`
          const isEmpty = typed === ''
          const shown =
            isEmpty && placeholder !== undefined
              ? `${styleText('inverse', placeholder.slice(0, 1))}${styleText('dim', placeholder.slice(1))}`
              : this.userInputWithCursor
          const color = this.state === 'error' ? 'yellow' : 'cyan'
          const below =
            this.state === 'error'
              ? styleText('yellow', visible(this.error))
              : this.state === 'validating'
                ? styleText('dim', 'trying it …')
                : isEmpty
                  ? ''
                  : styleText('dim', form(typed.trim()) ?? '')
          return `${head}${bar(color)}  ${shown}\n${styleText(color, clack.S_BAR_END)}  ${below}\n`
        },
      })
      return (answered(await prompt.prompt()) ?? '').trim()
    },
    choose: async (message, choices, initial) =>
      answered(
        await clack.select({
          ...common,
          message,
          options: optionsOf(choices),
          ...(initial !== undefined && { initialValue: initial }),
        }),
      ),
    several: async (message, choices, initial) =>
      answered(
        await clack.multiselect({
          ...common,
          message,
          options: optionsOf(choices),
          initialValues: [...initial],
          required: false,
        }),
      ),
    agree: async (message, initial) =>
      answered(await clack.confirm({ ...common, message, initialValue: initial })),
    ...(width !== undefined && { width }),
    tell({ verdict, message, remedy }) {
      const text = inLines(message) + (remedy === undefined ? '' : `\n${inLines(`→ ${remedy}`)}`)
      const tell = { ok: clack.log.success, warning: clack.log.warn, failure: clack.log.error }[verdict]
      tell(text, { output, spacing: 0 })
    },
    note(title, text) {
      clack.log.message([styleText('bold', title), ...text.split('\n')], { output })
    },
  }
}
