/** Parameters of a destination of a SmartConnector: `<Parameter Name="host" Value="logger.example.com"/>`, any number. */

const elements = /<Parameter\b(?:"[^"]*"|'[^']*'|[^>"'])*>/gi
const secretName = /pass|secret|token|credential|private/i

/** The same text without values that may be secret; null when something that may be one is left in it. */
export function withoutSecrets(xml: string): string | null {
  const rest = xml.replace(elements, '')
  if (secretName.test(rest)) return null
  return xml.replace(elements, (element) =>
    secretName.test(attribute(element, 'Name') ?? '')
      ? element.replace(/(\sValue\s*=\s*)(?:"[^"]*"|'[^']*')/gi, '$1"(not shown)"')
      : element,
  )
}

/** Values by name; nothing where the text is of another form. */
export function readParameters(xml: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  for (const [element] of xml.matchAll(elements)) {
    const name = attribute(element, 'Name')
    const value = attribute(element, 'Value')
    if (name !== undefined) parameters.set(name, value ?? '')
  }
  return parameters
}

function attribute(element: string, name: string): string | undefined {
  const [, double, single] = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'i').exec(element) ?? []
  const text = double ?? single
  return text === undefined ? undefined : decoded(text)
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

function decoded(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hex, digits, name) => {
    if (name !== undefined) return entities[String(name).toLowerCase()] ?? whole
    const code = hex === undefined ? Number(digits) : Number.parseInt(hex, 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}
