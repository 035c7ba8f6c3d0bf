import { beWorker } from '../../main/worker-process.ts'

// As the product's, but for the rehearsals: here many are started in a row, and how fast each answers does not matter.
await beWorker(0)
