import { afterAll, beforeAll } from 'vitest'
import { s3ColdStore } from '../../../src/archive/stores/s3/s3-cold-store.js'
import { awsSdkClient } from '../../../src/archive/stores/s3/aws-sdk-client.js'
import { signedFetch } from '../../../src/archive/stores/s3/signed-fetch.js'
import { coldStoreContract } from '../../contracts/cold-store.js'
import { lackOfCeph, startCephRgw, type CephRgw } from '../../support/ceph-rgw.js'
import { describeWithServer } from '../../support/server-process.js'

describeWithServer('a bucket of Ceph', lackOfCeph(), () => {
  let ceph: CephRgw
  beforeAll(async () => {
    ceph = await startCephRgw()
  })
  afterAll(() => ceph.stop())

  const clients = { signedFetch: () => signedFetch(ceph), awsSdkClient: () => awsSdkClient(ceph.s3) }
  let prefixes = 0
  for (const [name, clientOf] of Object.entries(clients))
    coldStoreContract(`S3 by ${name}`, async () => ({
      store: s3ColdStore({ bucket: ceph.bucket, prefix: `p${++prefixes}`, client: clientOf() }),
      dispose: async () => {},
    }))
})
