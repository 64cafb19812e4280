import { memoryColdStore } from '../../../src/archive/stores/memory-cold-store.js'
import { coldStoreContract } from '../../contracts/cold-store.js'

coldStoreContract('memory', async () => ({ store: memoryColdStore(), dispose: async () => {} }))
