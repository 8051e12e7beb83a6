/** A real browser that looks at pages, and notes what a page must not do. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

export const chromiumProgram = '/usr/bin/chromium'

/** Names that stand for this machine, as an attacker's name server may say. */
export const reboundName = 'rebound.example'

/** Starts it, without a window. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumProgram,
    args: [
      // As root, as in a container, it has no sandbox of its own.
      '--no-sandbox',
      '--disable-background-networking',
      `--host-resolver-rules=MAP ${reboundName} 127.0.0.1`,
    ],
  })
}

/** A page, and what was noted of it. */
export interface Watched {
  readonly page: Page
  /** Addresses that were asked. */
  readonly asked: readonly string[]
  /** Errors of scripts, dialogs, and what the browser refused. */
  readonly wrong: readonly string[]
}

/** Opens a tab of its own, with nothing kept from another one; it is closed with the browser. */
export async function openTab(browser: Browser, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const asked: string[] = []
  const wrong: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  page.on('pageerror', ({ message }) => wrong.push(message))
  page.on('dialog', (dialog) => {
    wrong.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  await page.exposeFunction('noteViolation', (text: string) => wrong.push(text))
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, sample, blockedURI }) => {
      const { noteViolation } = window as unknown as { noteViolation(text: string): void }
      noteViolation(`${effectiveDirective}: ${blockedURI} ${sample}`)
    })
  })
  return { page, asked, wrong }
}
