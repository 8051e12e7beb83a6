/** What is taken out of texts of the program itself: secrets, should one ever get there, and addresses. */
import { notShown } from '../../config/as-written.ts'

/** A shorter one would be found in many words. */
const shortest = 4
const address = /[^\s"'<>@,;:()[\]\\/]+@(?=[\w-]+\.)/g

/** Replaces each of the secrets, also as JSON writes it. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= shortest)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
    .reduce((rest, secret) => rest.replaceAll(secret, notShown), text)
}

/** Of an address only its domain stays. */
export function withoutAddresses(text: string): string {
  return text.replace(address, '…@')
}
