/** The status page of the program at work, in a real browser. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { stringify } from 'yaml'
import type { InstanceStatus } from '../../src/status/snapshot.ts'
import { describePeer } from '../peers/peer.ts'
import type { Collector } from '../support/collector.ts'
import { type Program, Workplace } from '../support/program.ts'
import { chromiumProgram, openTab, reboundName, startChromium } from './chromium.ts'

const token = 'a-token-that-nobody-guesses-0123456789'
const header = [
  '#Software: Microsoft Exchange Server',
  '#Version: 15.01.2507.006',
  '#Log-type: Message Tracking Log',
  '#Date: 2026-11-20T14:00:00.000Z',
  '#Fields: date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id,internal-message-id,message-id,recipient-address,recipient-status,total-bytes,recipient-count,related-recipient-address,reference,message-subject,sender-address,return-path,message-info',
  '',
].join('\r\n')
/** Does whatever it can, wherever it becomes markup. */
const hostile = '<img src=x onerror=alert(1)><script>alert(2)</script>'

/** Rows of now, of a server that calls itself so. */
function rowsOf(server: string, count: number): string {
  const time = Date.now() - 60_000
  const row = (index: number) =>
    `${new Date(time + index).toISOString()},10.1.1.11,EX01,10.1.1.12,${server},,,SMTP,RECEIVE,${index},<${index}@x.example>,bob@x.example,,1200,1,,,"${hostile}",ann@x.example,ann@x.example,\r\n`
  return Array.from({ length: count }, (_, index) => row(index)).join('')
}

interface Running {
  readonly program: Program
  readonly place: Workplace
  readonly collector: Collector
  readonly url: string
}

/** The program at work on such a log, with a page. */
async function startProgram(log: string, http: object = {}, destination: object = {}): Promise<Running> {
  const place = await Workplace.open(onTestFinished)
  const collector = await place.collect()
  await place.write('EX01/MSGTRK2026112014-1.LOG', header + log)
  await place.write('token', token)
  const config = {
    state: 'state',
    sources: [{ name: 'EX01', folder: 'EX01' }],
    destinations: [{ name: 'siem', to: collector.url, ...destination }],
    http: { listen: '127.0.0.1:0', ...http },
  }
  await place.write('msgtrk.yaml', stringify(config))
  const program = place.start('run', '--config', 'msgtrk.yaml')
  const { url } = await program.logged('Listening for HTTP')
  return { program, place, collector, url: url as string }
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: a reference as it stands in a file
const withToken = { token: '${file:token}' }

/** What the page says of a count, as in `Delivered 30`. */
function countOf(page: Page, label: string) {
  return page.locator('.counts div', { has: page.getByText(label, { exact: true }) }).locator('dd')
}

async function findingsOfAxe(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => {
    const { axe } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
    }
    return axe.run()
  })
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

describePeer('Chromium', chromiumProgram, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await startChromium()
  })
  afterAll(() => browser?.close())

  test('shows how the program fares, asks nobody else, and breaks no rule of its policy', async () => {
    const { url, place, collector } = await startProgram(rowsOf('EX01', 30))
    const { page, asked, wrong } = await openTab(browser)
    await page.goto(url)
    await page.getByRole('heading', { level: 1, name: 'Well' }).waitFor()
    await collector.has(30)
    await countOf(page, 'Delivered').getByText('30', { exact: true }).waitFor()
    await page.locator('canvas').nth(1).waitFor()
    expect(await page.title()).toMatch(/^Well · .+ · msgtrk$/)

    // What is appended comes without asking for the page again.
    await place.write('EX01/MSGTRK2026112015-1.LOG', header + rowsOf('EX01', 5).replaceAll('@x', '@y'))
    await countOf(page, 'Delivered').getByText('35', { exact: true }).waitFor()

    expect(wrong).toEqual([])
    expect(asked.filter((address) => !address.startsWith(`${url}/`))).toEqual([])
  })

  test('shows the rows that wait in open mails, so that counts balance', async () => {
    const { url } = await startProgram(rowsOf('EX01', 30), {}, { records: 'mail' })
    const { page, wrong } = await openTab(browser)
    await page.goto(url)
    await countOf(page, 'Read').getByText('30', { exact: true }).waitFor()
    await countOf(page, 'Held').getByText('30', { exact: true }).waitFor()
    await countOf(page, 'Open mails').getByText('30', { exact: true }).waitFor()
    expect(wrong).toEqual([])
  })

  test('leads with the part that is down, why, and what to do', async () => {
    const { url, collector, place } = await startProgram(rowsOf('EX01', 3))
    const { page, wrong } = await openTab(browser)
    await page.goto(url)
    await collector.has(3)
    await collector.close()
    await place.write('EX01/MSGTRK2026112015-1.LOG', header + rowsOf('EX01', 5))
    await page.getByRole('heading', { level: 1, name: 'Down: destination siem' }).waitFor()
    const verdict = page.locator('.verdict')
    expect(await verdict.innerText()).toMatch(
      /Connection refused[\s\S]*Since[\s\S]*What to do\s*Start the receiver/,
    )
    expect(await page.getByRole('link', { name: /^siem/ }).innerText()).toContain('Unavailable')
    expect(wrong).toEqual([])
  })

  test.for(['light', 'dark'] as const)(
    'is for everybody: axe finds nothing, %s, wide and as on a phone',
    async (colorScheme) => {
      const { url } = await startProgram(`${rowsOf('EX01', 30)}no record\r\n`, withToken)
      for (const viewport of [
        { width: 1440, height: 900 },
        { width: 360, height: 740 },
      ]) {
        const { page } = await openTab(browser, { colorScheme, viewport, reducedMotion: 'reduce' })
        await page.goto(url)
        await page.getByRole('textbox', { name: 'Token' }).waitFor()
        expect(await findingsOfAxe(page)).toEqual([])
        await page.getByRole('textbox', { name: 'Token' }).fill(token)
        await page.keyboard.press('Enter')
        const letter = page.locator('.letters summary').first()
        await letter.focus()
        await page.keyboard.press('Enter')
        await page.locator('.letters pre').waitFor()
        expect(await findingsOfAxe(page)).toEqual([])
        // Nothing stands out at the side.
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width)
      }
    },
  )

  test('shows what an attacker has written as text', async () => {
    const { url, place } = await startProgram(`${rowsOf(hostile, 3)}"${hostile}\r\n`, withToken)
    await place.write(`EX01/MSGTRK2026112013-1${hostile.replaceAll('/', '')}.LOG`, `${header}${hostile}\r\n`)
    const { page, wrong } = await openTab(browser)
    await page.goto(`${url}/#token=${token}`)
    await page.getByRole('region', { name: 'Table of sources' }).getByText(hostile).waitFor()
    await page.locator('.letters summary').nth(1).waitFor()
    for (const summary of await page.locator('.letters summary').all()) await summary.click()
    expect((await page.locator('.letters pre').allInnerTexts()).join()).toContain(hostile)
    expect(await page.locator('#page img, #page script').count()).toBe(0)
    expect(wrong).toEqual([])
  })

  test('asks for the token where one is set, and keeps it out of the address', async () => {
    const { url } = await startProgram(rowsOf('EX01', 3), withToken)
    const { page, asked } = await openTab(browser)
    await page.goto(url)
    await page.getByRole('heading', { name: 'This page needs the token' }).waitFor()
    expect(await page.content()).not.toContain('EX01')

    await page.getByRole('textbox', { name: 'Token' }).fill('wrong-wrong-wrong-wrong-wrong')
    await page.getByRole('button', { name: 'Unlock' }).click()
    await page.getByText('That is not the token').waitFor()
    // It does not go on trying.
    const before = asked.length
    await page.clock.install()
    await page.clock.runFor(10_000)
    expect(asked.length).toBe(before)

    await page.goto(`${url}/#token=${token}`)
    await page.getByRole('heading', { name: 'Dead letters' }).waitFor()
    expect(page.url()).toBe(`${url}/`)
    expect(asked.some((address) => address.includes(token))).toBe(false)
    await page.getByRole('button', { name: 'Forget token' }).click()
    await page.getByRole('heading', { name: 'This page needs the token' }).waitFor()
    expect(await page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain(token)
  })

  test('pauses a destination and lets it go on for who knows the token, by keys', async () => {
    const { url, program, place, collector } = await startProgram(rowsOf('EX01', 3), withToken)
    const { page, wrong } = await openTab(browser)
    await page.goto(`${url}/#token=${token}`)
    await page.getByRole('button', { name: 'Pause siem' }).press('Enter')
    await page.getByText('Deliver nothing to siem').waitFor()
    expect(await findingsOfAxe(page)).toEqual([])
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Resume siem' }).and(page.locator(':focus')).waitFor()
    expect(await page.locator('.state').innerText()).toMatch(
      /Paused since .+, by the status page, from 127\.0\.0\.1/,
    )
    expect(await program.logged('Paused')).toMatchObject({ by: 'the status page, from 127.0.0.1' })

    const before = collector.frames.length
    await place.write('EX01/MSGTRK2026112015-1.LOG', header + rowsOf('EX01', 5))
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Pause siem' }).waitFor()
    await collector.until('more events', () => collector.frames.length >= before + 5)
    expect(wrong).toEqual([])
  })

  const withEvents = { ...withToken, recentEvents: true }

  test.for(['light', 'dark'] as const)(
    'shows events when asked to, each explained by keys, and what an attacker wrote in it as text, %s',
    async (colorScheme) => {
      const { url, place, program } = await startProgram(rowsOf('EX01', 3), withEvents)
      for (const viewport of [
        { width: 1440, height: 900 },
        { width: 360, height: 740 },
      ]) {
        const { page, wrong } = await openTab(browser, { colorScheme, viewport, reducedMotion: 'reduce' })
        await page.goto(`${url}/#token=${token}`)
        await page.getByRole('region', { name: 'Event ids to siem' }).getByText('100 %').waitFor()
        expect(await page.locator('.events').count()).toBe(0)
        const answered = page.waitForResponse((response) => response.url().includes('/events?'))
        await page.getByRole('button', { name: 'Show events' }).press('Enter')
        await answered
        await place.write(`EX01/MSGTRK2026112015-${viewport.width}.LOG`, header + rowsOf('EX01', 5))
        const event = page.locator('.events summary').first()
        await event.focus()
        await page.keyboard.press('Enter')
        await page.getByText('Held while one is open.').waitFor()
        expect(await page.locator('.events .values').innerText()).toContain(hostile)
        expect(await page.locator('.events pre').innerText()).toContain('CEF:0|')
        expect(await page.locator('#page img, #page script').count()).toBe(0)
        expect(await findingsOfAxe(page)).toEqual([])
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width)
        expect(wrong).toEqual([])
      }
      expect(await program.logged('Somebody looks on while events go out')).toMatchObject({
        by: 'the status page, from 127.0.0.1',
      })
    },
  )

  test('shows no events where the configuration does not allow it, and asks for none', async () => {
    const { url } = await startProgram(rowsOf('EX01', 3), withToken)
    const { page, asked } = await openTab(browser)
    await page.goto(`${url}/#token=${token}`)
    await page.getByText('http.recentEvents is not set').waitFor()
    expect(await page.getByRole('button', { name: 'Show events' }).count()).toBe(0)
    expect(asked.filter((address) => address.includes('/events'))).toEqual([])
  })

  test('does not show dead letters to whoever happens to reach it', async () => {
    const { url } = await startProgram('a line of its own\r\n')
    const { page } = await openTab(browser)
    await page.goto(url)
    await page.getByText('set http.token').waitFor()
    // That there is one is told, and where, but not what it says.
    await page.getByText('is no record').first().waitFor()
    expect(await page.getByRole('textbox', { name: 'Token' }).count()).toBe(0)
    expect(await page.getByRole('button', { name: 'Pause siem' }).count()).toBe(0)
    expect(await page.getByRole('heading', { name: /Recent events|Event ids/ }).count()).toBe(0)
    expect(await page.content()).not.toContain('a line of its own')
  })

  test('gives nothing to pages of others, by whatever name they ask', async () => {
    const { url } = await startProgram(rowsOf('EX01', 3))
    const attacker = createServer((_, response) =>
      response.setHeader('Content-Type', 'text/html').end('<p>hello'),
    ).listen(0, '127.0.0.1')
    onTestFinished(() => void attacker.close())
    await once(attacker, 'listening')
    const { port } = attacker.address() as AddressInfo
    const { page } = await openTab(browser)
    const answers: string[] = []
    page.on('response', (response) => {
      if (response.url().startsWith(url))
        answers.push(`${response.request().resourceType()} ${response.status()}`)
    })
    await page.goto(`http://127.0.0.1:${port}/`)
    const got = await page.evaluate(async (url) => {
      const tried = async (init: RequestInit) => {
        const answer = await fetch(`${url}/status`, init).then(
          (response) => response.text(),
          () => 'refused',
        )
        return answer
      }
      const framed = new Promise((resolve) => {
        const frame = document.createElement('iframe')
        frame.onload = () => resolve(frame.contentDocument === null ? 'refused' : 'loaded')
        frame.src = `${url}/`
        document.body.append(frame)
      })
      const script = new Promise((resolve) => {
        const script = document.createElement('script')
        script.onload = () => resolve('loaded')
        script.onerror = () => resolve('refused')
        script.src = `${url}/page.js`
        document.head.append(script)
      })
      return [
        await tried({}),
        await tried({ mode: 'no-cors' }),
        await tried({ method: 'POST', mode: 'no-cors', body: 'x' }),
        await tried({ headers: { Authorization: 'Bearer x' } }),
        await framed,
        await script,
      ]
    }, url)
    expect(got).toEqual(['refused', 'refused', 'refused', 'refused', 'refused', 'refused'])
    expect(answers.filter((answer) => !/ (?:403|405)$/.test(answer))).toEqual([])

    const rebound = `http://${reboundName}:${new URL(url).port}`
    expect((await page.goto(`${rebound}/`))?.status()).toBe(421)
    expect(await page.content()).not.toContain('EX01')
    // A link from elsewhere may lead here: the page itself is then the one that asks.
    await page.goto(`http://127.0.0.1:${port}/`)
    await page.evaluate((url) => location.assign(url), url)
    await page.getByRole('heading', { level: 1, name: 'Well' }).waitFor()
  })

  test('shows in a new tab what was before', async () => {
    const { url, collector } = await startProgram(rowsOf('EX01', 30))
    await collector.has(30)
    const { page } = await openTab(browser)
    await page.goto(url)
    const status = (await page.evaluate(async () => (await fetch('status')).json())) as InstanceStatus
    expect(status.destinations[0]?.name).toBe('siem')
    const history = await page.evaluate(async () => (await fetch('history')).json())
    expect(history).toMatchObject({ atMs: [expect.any(Number)], destinations: [{ name: 'siem' }] })
  })
})
