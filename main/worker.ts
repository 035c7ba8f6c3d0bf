import { beWorker } from './worker-process.ts'

await beWorker()
