/** The page for `man msgtrk`: what `msgtrk --help` says. */
import path from 'node:path'
import { call, type Workshop } from './workshop.ts'

export async function manPage({ root, version, seconds }: Workshop): Promise<string> {
  const help = await call(process.execPath, [path.join(root, 'dist/main.js'), '--help'])
  const date = new Date(seconds * 1000).toISOString().slice(0, 10)
  const literal = (text: string) => `.nf\n${text.trim().split('\n').map(escaped).join('\n')}\n.fi\n`
  return `.TH MSGTRK 1 ${date} "msgtrk ${version}" "User Commands"
.SH NAME
msgtrk \\- deliver Microsoft Exchange message tracking logs as CEF events
.SH SYNOPSIS
.B msgtrk
.I command
[\\fIoptions\\fR]
.SH DESCRIPTION
.EX
${literal(help.replace(/^Usage:.*\n+/, ''))}.EE
Each command tells more by \\fBmsgtrk\\fR \\fIcommand\\fR \\fB\\-\\-help\\fR.
.SH FILES
.TP
.I /etc/msgtrk/msgtrk.yaml
The configuration of the service, written by hand or by \\fBmsgtrk init\\fR.
.TP
.I /etc/msgtrk/environment
What \${env:NAME} means there.
.TP
.I /var/lib/msgtrk
Positions and dead letters.
.TP
.I /usr/share/doc/msgtrk
Its documentation, examples among it.
.SH SEE ALSO
.BR systemctl (1)
`
}

/** A line as it is: nothing in it is an instruction. */
function escaped(line: string): string {
  return line
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/, '\\&')
}
