/**
 * A real S3 server: Ceph's gateway over one monitor and one OSD that keeps all in memory. Up in about a second.
 *
 *     radosgw (S3 over HTTP) --> ceph-osd (memstore) <-- ceph-mon (a scratch directory)
 *
 * The gateway keeps nothing itself: killed and started again, it has all that it ever acknowledged.
 */
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { S3 } from '@aws-sdk/client-s3'
import { freePort, programIn, run, ServerProcess } from './server-process.js'

const programs = ['setpriv', 'ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin', 'monmaptool', 'ceph']

/** What this machine lacks to run the gateway, with how to install it; `undefined` where nothing. */
export const cephLack = (): string | undefined =>
  programs.every((name) => programIn(name) !== undefined)
    ? undefined
    : 'radosgw: apt-get install -y radosgw ceph-mon ceph-osd'

export interface CephRgw {
  readonly endpoint: string
  readonly region: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  /** A bucket that is there from the beginning. */
  readonly bucket: string
  /** A client of the vendor's, for what the tests want to do on their own. */
  readonly s3: S3
  /** SIGKILL of the gateway; `restart` brings it back with what it had. */
  kill(): Promise<void>
  restart(): Promise<void>
  pause(): void
  resume(): void
  stop(): Promise<void>
}

/** Starts a server of one's own. */
export const startCephRgw = async (): Promise<CephRgw> => {
  const directory = mkdtempSync(join(tmpdir(), 'gameledger-ceph-'))
  const conf = join(directory, 'ceph.conf')
  const [monitorPort, port] = [await freePort(), await freePort()]
  const id = randomUUID()
  for (const name of ['mon', 'osd', 'run']) mkdirSync(join(directory, name))
  writeFileSync(join(directory, 'keyring'), '')
  writeFileSync(conf, configuration({ directory, id, monitorPort, port }))
  const monmap = join(directory, 'monmap')
  run('monmaptool', '--create', '--fsid', id, '--addv', 'a', `[v2:127.0.0.1:${monitorPort}]`, monmap)
  run('ceph-mon', '-c', conf, '--mkfs', '-i', 'a', '--monmap', monmap)
  const monitor = new ServerProcess('ceph-mon', ['-c', conf, '-i', 'a', '-f'])
  const osdId = randomUUID()
  run('ceph', '-c', conf, '--connect-timeout', '20', 'osd', 'new', osdId)
  run('ceph-osd', '-c', conf, '-i', '0', '--mkfs', '--osd-uuid', osdId)
  const osd = new ServerProcess('ceph-osd', ['-c', conf, '-i', '0', '-f'])
  const endpoint = `http://127.0.0.1:${port}`
  const startGateway = async (): Promise<ServerProcess> => {
    const gateway = new ServerProcess('radosgw', ['-c', conf, '-n', 'client.admin', '-f'])
    await gateway.until(() =>
      fetch(endpoint).then(
        (response) => response.ok,
        () => false,
      ),
    )
    return gateway
  }
  let gateway = await startGateway()
  const credentials = { accessKeyId: 'ledger', secretAccessKey: randomUUID() }
  run(
    'radosgw-admin',
    '-c',
    conf,
    'user',
    'create',
    '--uid=ledger',
    '--display-name=ledger',
    `--access-key=${credentials.accessKeyId}`,
    `--secret-key=${credentials.secretAccessKey}`,
  )
  const region = 'default'
  const s3 = new S3({
    endpoint,
    region,
    credentials,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    maxAttempts: 1,
  })
  const bucket = 'archive'
  await s3.createBucket({ Bucket: bucket })
  return {
    endpoint,
    region,
    credentials,
    bucket,
    s3,
    kill: () => gateway.kill(),
    async restart() {
      gateway = await startGateway()
    },
    pause: () => gateway.pause(),
    resume: () => gateway.resume(),
    async stop() {
      s3.destroy()
      for (const server of [gateway, osd, monitor]) await server.kill()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** No authentication within the cluster (`crc` is what the gateway then has to be told), one copy, and no waiting. */
const configuration = (of: {
  readonly directory: string
  readonly id: string
  readonly monitorPort: number
  readonly port: number
}): string => `
[global]
fsid = ${of.id}
mon host = v2:127.0.0.1:${of.monitorPort}
mon initial members = a
public addr = 127.0.0.1
ms bind msgr1 = false
ms mon client mode = crc
auth cluster required = none
auth service required = none
auth client required = none
keyring = ${of.directory}/keyring
run dir = ${of.directory}/run
admin socket = ${of.directory}/run/$name.$pid.asok
pid file = ${of.directory}/run/$name.pid
log file = ${of.directory}/run/$name.log
mon data = ${of.directory}/mon
osd data = ${of.directory}/osd
mon data avail crit = 1
mon data avail warn = 1
paxos propose interval = 0.02
paxos min wait = 0.01
mon allow pool size one = true
osd objectstore = memstore
memstore device bytes = 2147483648
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
rgw frontends = beast endpoint=127.0.0.1:${of.port}
rgw enable usage log = false
rgw enable gc threads = false
rgw enable lc threads = false
rgw run sync thread = false
rgw enable quota threads = false
rgw data log num shards = 1
rgw gc max objs = 1
rgw lc max objs = 1
rgw usage max shards = 1
rgw md log max shards = 1
rgw num control oids = 1
`
