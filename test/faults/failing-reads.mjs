/**
 * Loaded before the program (`node --import`): while a certain file is there, many calls that read logs fail as they
 * do over a network: opening, reading, asking for the size, listing the folder.
 * MSGTRK_FAILING_READS, as JSON: `while`, that file; `under`, how the paths of logs begin; `seed`, for the choice.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { isMainThread } from 'node:worker_threads'

const settings = JSON.parse(process.env.MSGTRK_FAILING_READS ?? '{}')
const lookEveryMs = 20
const codes = ['EIO', 'EBUSY', 'ESTALE', 'ETIMEDOUT', 'EACCES', 'ENOENT']
let state = settings.seed >>> 0
let failing = false
let lookedAtMs = Number.NEGATIVE_INFINITY

function isFailing() {
  const now = performance.now()
  if (now - lookedAtMs < lookEveryMs) return failing
  lookedAtMs = now
  failing = fs.existsSync(settings.while)
  return failing
}

/** 0 … 1, by a small generator of its own: the program's numbers stay as they are. */
function chance() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return state / 2 ** 32
}

const isLog = (path) => String(path).startsWith(settings.under)

/** Fails every third time, at once or after the call was made; as often the call takes its time. */
async function perhaps(name, path, call) {
  if (!isLog(path) || !isFailing()) return call()
  const [fate, late] = [chance(), chance()]
  if (fate > 0.66) await new Promise((resolve) => setTimeout(resolve, late * 50))
  if (fate >= 0.33) return call()
  const made = late > 0.5 ? await call().catch(() => {}) : undefined
  if (name === 'open') await made?.close()
  const code = codes[Math.floor(chance() * codes.length)]
  throw Object.assign(new Error(`${code}: injected, ${name} '${path}'`), { code, syscall: name, path })
}

if (isMainThread) {
  const paths = new WeakMap()
  const real = { ...fs.promises }
  const probe = await real.open(new URL(import.meta.url))
  const handles = Object.getPrototypeOf(probe)
  await probe.close()
  fs.promises.open = (path, ...rest) =>
    perhaps('open', path, async () => {
      const handle = await real.open(path, ...rest)
      paths.set(handle, path)
      return handle
    })
  for (const name of ['stat', 'lstat', 'readdir', 'opendir']) {
    fs.promises[name] = (path, ...rest) => perhaps(name, path, () => real[name](path, ...rest))
  }
  for (const name of ['read', 'stat']) {
    const call = handles[name]
    handles[name] = function (...rest) {
      return perhaps(name, paths.get(this) ?? '', () => call.apply(this, rest))
    }
  }
  syncBuiltinESMExports()
}
