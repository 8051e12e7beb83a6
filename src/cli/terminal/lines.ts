/**
 * Text for people on a terminal of any width: lines that are too long for it are broken between words, in place of
 * wherever the terminal breaks them. What is to be copied stays whole: commands, and what stands in quotes.
 */

/**
 * The text in lines of `width` characters at most, where that goes; a file or a pipe has no width, and gets it as it is.
 * A paragraph that begins in the first column is filled anew; a line that is indented goes on where its text began, and
 * in its second column where it has one.
 */
export function inLines(text: string, width = Infinity): string {
  const out: string[] = []
  let paragraph: string[] = []
  const finish = () => {
    out.push(
      ...(paragraph.some((line) => line.length > width) ? filled(paragraph.join(' '), width) : paragraph),
    )
    paragraph = []
  }
  for (const line of text.split('\n')) {
    if (/^\S/.test(line)) paragraph.push(line)
    else {
      finish()
      out.push(...(line.length > width ? indented(line, width) : [line]))
    }
  }
  finish()
  return out.join('\n')
}

/** `  a command   what it does`, `  → what to do`, or text further in. */
function indented(line: string, width: number): readonly string[] {
  const [, start = '', first = '', gap = '', second = ''] =
    /^( +(?:[→-] )?)(\S.*?)(?:( {2,})(\S.*))?$/.exec(line) ?? []
  if (second !== '') {
    const column = start.length + first.length + gap.length
    if (column <= width / 2) return filled(second, width, start + first + gap, ' '.repeat(column))
    const below = ' '.repeat(start.length + 4)
    return [start + first, ...filled(second, width, below, below)]
  }
  return isCommand(first) ? [line] : filled(first, width, start, ' '.repeat(start.length))
}

/** One that is broken could not be copied. */
function isCommand(text: string): boolean {
  return /(?:^|\| )(?:msgtrk|node|az) |^--/.test(text)
}

/** Words in lines: the first begins with `start`, the others with `next`. A word that is longer has its own line. */
function filled(text: string, width: number, start = '', next = start): readonly string[] {
  const lines: string[] = []
  let line = start
  let isEmpty = true
  for (const word of words(text)) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line)
      line = next
      isEmpty = true
    }
    line += isEmpty ? word : ` ${word}`
    isEmpty = false
  }
  return [...lines, line]
}

/** What stands in quotes is one word, with what follows it up to the next blank. */
function words(text: string): readonly string[] {
  return text.match(/(?:[("[]*'[^']*'(?![\p{L}\p{N}])|[([]*"[^"]*"|\S)\S*/gu) ?? []
}
