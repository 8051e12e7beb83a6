/**
 * Values that are valid in a tracking log and hard on whoever reads it. Everything in them is what a sender
 * of mail can choose: separators, look-alikes of other formats, characters of any length, control characters.
 */

/** Subjects never hold a raw line break: Exchange writes one as two characters. */
export const nastySubjects: readonly string[] = [
  'act=blocked src=198.51.100.66 suser=somebody.else',
  'a|b||c|',
  'C:\\new\\table\\readme.txt',
  'ends with a backslash\\',
  'ends with two\\\\',
  'already escaped \\= \\| \\n \\\\ here',
  'He said "yes", and then "no"',
  '"all of it in quotes"',
  '"',
  ',',
  'double  spaces   inside',
  ' blanks around ',
  'first line\\nsecond line\\r\\nthird line',
  'tab\tand\ttab',
  'bell\u0007 colour\u001b[31m nul\u0000 delete\u007f unit\u001f',
  'CEF:0|x|y|1|2|3|9|src=203.0.113.9 msg=forged',
  '<134>Nov 20 14:00:00 forged CEF:0|x|',
  '<134>1 2026-11-20T14:00:00Z forged app - - - text',
  '86 <134>1 2026-11-20T14:00:00Z octet counted',
  '#Fields: date-time,client-ip,client-hostname',
  'Grüße aus Köln, Straße „am Fluß“',
  'Счёт № 42 за ноябрь',
  '請求書の件、至急ご確認ください',
  'Launch 🚀 with family 👩‍👩‍👧 and flag 🏳️‍🌈',
  'cafe\u0301 \u202edetrevni\u202c zero\u200bwidth',
  'separators\u2028of\u2029other\u0085systems',
  '\ufeffstarts with a byte order mark',
  'replaced \ufffd before',
  'ä'.repeat(255),
  // Exchange cuts at 255 UTF-16 units: a pair cut in half is written as U+FFFD.
  `${'🚀'.repeat(127)}\ufffd`,
  `${'a='.repeat(127)}|`,
  '[Undisclosed]',
  "it's; 'a list'; look-alike",
  'key=',
  '=',
  'rt=0 _cefVer=0.1 ad.custom-data=x cs1Label=y',
  '%s%n%x $' + '{env:HOME} <script>alert(1)</script>',
  '=1+1 as a formula',
  '0',
  '',
]

/** Texts of address columns; only some of them are addresses. */
export const nastyAddresses: readonly string[] = [
  'unknown',
  'mail.partner.example',
  '[192.0.2.7]',
  '192.0.2.7:25',
  '192.0.2',
  '010.020.001.011',
  '255.255.255.255',
  '::ffff:192.0.2.7',
  '2001:db8::25',
  'fe80::1234:5678:4321:1010%12',
  '::',
  '',
]

/** Message ids beyond `<something@somewhere>`. */
export const nastyMessageIds: readonly string[] = [
  '',
  'no-brackets@partner.example',
  '<two words@partner.example>',
  '<a=b|c\\d@partner.example>',
  '<"quoted, local"@partner.example>',
  `<${'long.'.repeat(180)}@partner.example>`,
]

/** Senders and recipients beyond `name@domain`. */
export const nastyMailboxes: readonly string[] = [
  "o'brien@example.com",
  '"last, first"@example.net',
  'jörg.müller@bücher.example',
  '用户@例子.example',
  'IMCEAEX-_O=EXAMPLE_OU=FIRST+20GROUP_CN=RECIPIENTS_CN=anna@example.com',
  'SMTP:upper.case@EXAMPLE.NET',
  'name+tag=value@example.org',
  'a|b\\c@example.org',
  'semi;colon@example.org',
  'SystemMailbox{1f05a927-89c0-4725-adca-4527114196a1}@example.com',
  'inboundproxy@inboundproxy.com',
]

/** Numbers above 31 bits, with leading zeros, or none at all. */
export const nastySizes: readonly string[] = [
  '2147483647',
  '2147483648',
  '4831838208',
  '9007199254740993',
  '0007631',
  '0',
  '',
]
