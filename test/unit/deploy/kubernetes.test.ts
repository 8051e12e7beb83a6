import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { readConfig } from '../../../src/app/read-config.ts'
import { makeCertificate } from '../../support/certificates.ts'

const manifest = path.join(import.meta.dirname, '../../../deploy/kubernetes/msgtrk.yaml')

test('the configuration for Kubernetes is in order, and its probes are for what it serves', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'msgtrk-kubernetes-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const text = await readFile(manifest, 'utf8')
  const objects = parseAllDocuments(text).map((document) => document.toJS())
  const of = (kind: string) => objects.find((object) => object.kind === kind)
  const { cert, key } = await makeCertificate()
  for (const [name, content] of [
    ['tls.crt', cert],
    ['tls.key', key],
    ['token', 't'.repeat(32)],
  ] as const) {
    await writeFile(path.join(folder, name), content)
  }
  const file = path.join(folder, 'msgtrk.yaml')
  await writeFile(file, of('ConfigMap').data['msgtrk.yaml'].replaceAll('/etc/msgtrk-http', folder))
  const config = await readConfig(file)
  const { containers, volumes } = of('StatefulSet').spec.template.spec
  const [{ ports, livenessProbe, volumeMounts }] = containers
  expect(config.http?.listen).toBe(`0.0.0.0:${ports[0].containerPort}`)
  expect(livenessProbe.httpGet).toMatchObject({ path: '/livez', port: ports[0].name, scheme: 'HTTPS' })
  const mounted = (at: string) => volumeMounts.find((mount: { mountPath: string }) => mount.mountPath === at)
  expect(mounted(config.state)).toEqual({ name: 'state', mountPath: config.state })
  expect(
    config.sources.map((source) => 'folder' in source && mounted(source.folder ?? '')?.readOnly),
  ).toEqual([true])
  expect(volumes.map(({ name }: { name: string }) => name)).toContain('exchange-logs')
})
