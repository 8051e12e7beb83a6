/** What the demo shows: counters and the last events, redrawn in place on a terminal, a line a second elsewhere. */
import { styleText } from 'node:util'
import type { PipelineView } from '../../app/running-pipeline.ts'
import { counted } from '../../mistakes/counted.ts'
import { visible } from '../../mistakes/visible.ts'
import type { FrameDecoded } from '../../receive/frame-decoder.ts'

const SHOWN_EVENTS = 8
const LINE_EVERY_MS = 1000

type Decoded = Extract<FrameDecoded, { ok: true }>

export interface DemoCounts {
  readonly written: number
  readonly received: number
  readonly errors: number
}

/** Where it is drawn; `columns` are those of a terminal. */
export interface DemoStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

export class DemoScreen {
  readonly #stream: DemoStream
  readonly #folders: readonly string[]
  readonly #written = new Map<string, number>()
  #pipelines: readonly PipelineView[] = []
  #to = ''
  #received = 0
  #errors = 0
  #firstError = ''
  #lagMs = 0
  #last: Decoded[] = []
  #drawnLines = 0
  #lastLineAt = Number.NEGATIVE_INFINITY
  #startedAt = performance.now()

  constructor(stream: DemoStream, folders: readonly string[]) {
    this.#stream = stream
    this.#folders = folders
  }

  get counts(): DemoCounts {
    const written = [...this.#written.values()].reduce((sum, rows) => sum + rows, 0)
    return { written, received: this.#received, errors: this.#errors }
  }

  /** True when all that was written has arrived and is known to be delivered. */
  get isDrained(): boolean {
    return this.#received >= this.counts.written && this.#delivered >= this.counts.written
  }

  start(to: string, pipelines: readonly PipelineView[]): void {
    this.#to = to
    this.#pipelines = pipelines
    this.#startedAt = performance.now()
  }

  wrote(server: string, rows: number): void {
    this.#written.set(server, rows)
  }

  received(decoded: FrameDecoded): void {
    this.#received++
    if (decoded.ok) {
      this.#lagMs = Math.max(0, Date.now() - Number(decoded.event.extension.get('rt')))
      this.#last = [...this.#last.slice(1 - SHOWN_EVENTS), decoded]
    } else {
      this.#errors++
      this.#firstError ||= decoded.errors[0]?.reason ?? ''
    }
  }

  /** A message for the person, above the panel. */
  say(message: string): void {
    this.#erase()
    this.#stream.write(`${visible(message)}\n`)
  }

  draw(): void {
    if (this.#stream.isTTY) {
      this.#erase()
      const width = this.#stream.columns || 80
      const lines = this.#panel(width).map((line) => cutToWidth(line, width))
      this.#stream.write(`${lines.join('\n')}\n`)
      this.#drawnLines = lines.length
    } else if (performance.now() - this.#lastLineAt >= LINE_EVERY_MS) {
      this.#lastLineAt = performance.now()
      const last = this.#last.at(-1)
      this.#stream.write(`${this.#figures()}${last === undefined ? '' : `; last: ${inShort(last, 140)}`}\n`)
    }
  }

  /** Draws once more and says how it ended. */
  close(): void {
    this.#lastLineAt = Number.NEGATIVE_INFINITY
    this.draw()
    const { written, received, errors } = this.counts
    const missing = written - received
    const result = missing > 0 ? `${missing} did not arrive` : 'all arrived'
    this.#stream.write(
      `\n${counted(written, 'row')} written, ${counted(received, 'event')} received, ${errors} not correct: ${result}.\n` +
        (this.#firstError === '' ? '' : `first error: ${visible(this.#firstError)}\n`),
    )
  }

  get #read(): number {
    return this.#pipelines.reduce((sum, { statistics }) => sum + statistics.snapshot().read, 0)
  }

  get #delivered(): number {
    return this.#pipelines.reduce((sum, { statistics }) => sum + statistics.snapshot().delivered, 0)
  }

  #figures(): string {
    const lag = (this.#lagMs / 1000).toFixed(2)
    return `records read ${this.#read}, events received ${this.#received}, delivered (proved) ${this.#delivered}, lag ${lag} s, decode errors ${this.#errors}`
  }

  #panel(width: number): readonly string[] {
    const seconds = (performance.now() - this.#startedAt) / 1000
    const perSecond = (count: number) => `${(count / Math.max(seconds, 1)).toFixed(0).padStart(6)}/s`
    const row = (name: string, value: string, extra = '') =>
      `  ${name.padEnd(18)}${value.padStart(10)}  ${extra}`
    return [
      `${styleText('bold', 'msgtrk demo')}  ${this.#folders.join(', ')}`,
      `${' '.repeat(11)}  → ${this.#to}   ${styleText('dim', 'Ctrl-C ends it')}`,
      '',
      row('records read', String(this.#read), perSecond(this.#read)),
      row('events received', String(this.#received), perSecond(this.#received)),
      row(
        'events delivered',
        String(this.#delivered),
        styleText('dim', 'proved by the receiver, once a second'),
      ),
      row('lag', `${(this.#lagMs / 1000).toFixed(2)} s`, styleText('dim', 'from the row to the receiver')),
      row('decode errors', String(this.#errors)),
      '',
      ...this.#last.map((decoded) => `  ${inShort(decoded, width - 3)}`),
    ]
  }

  #erase(): void {
    if (this.#drawnLines > 0) this.#stream.write(`\x1b[${this.#drawnLines}A\x1b[0J`)
    this.#drawnLines = 0
  }
}

/** Time, event, sender, recipients and subject in one line of `width` characters, of which each gets its share. */
function inShort({ event }: Decoded, width: number): string {
  const value = (key: string) => visible(event.extension.get(key) ?? '')
  const isWide = width >= 100
  const time = new Date(Number(event.extension.get('rt'))).toISOString().slice(11, isWide ? 23 : 19)
  const room = isWide ? 14 : 12
  const start = `${time}  ${shorten(visible(event.name), room).padEnd(room)} `
  const between = ' →   '.length
  const address = Math.min(28, Math.floor((width - start.length - between) * 0.33))
  const mail = `${shorten(value('suser') || '<>', address)} → ${shorten(value('duser') || '-', address)}`
  return `${start}${mail}  ${shorten(value('msg'), Math.max(8, width - start.length - mail.length - 2))}`
}

function shorten(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text
}

/** Lines that wrapped could not be counted, and the next redraw would leave their rest behind. */
function cutToWidth(line: string, width: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours have no width
  const plain = line.replace(/\x1b\[\d+m/g, '')
  return plain.length < width ? line : shorten(plain, width - 1)
}
