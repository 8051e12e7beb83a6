/** The status page, in the browser. */
import { render } from 'preact'
import { App } from './app.tsx'
import { Instance, type View } from './instance.ts'
import './page.css'

const root = document.getElementById('page') as HTMLElement
const instance = new Instance(show)
show({ kind: 'loading' })

function show(view: View): void {
  render(<App view={view} instance={instance} />, root)
}
