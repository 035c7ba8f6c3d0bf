import { parseArgs } from 'node:util'
import { fuzz } from './fuzz.ts'

// npm run fuzz: by night, with another seed each time; a failure names the seed of its input.
const { values } = parseArgs({
  options: { inputs: { type: 'string', default: '1000000' }, seed: { type: 'string', default: String(Date.now()) } },
})
const [inputs, seed] = [Number(values.inputs), Number(values.seed)]
console.log(`${inputs} inputs from seed ${seed}`)
const { readable, verified } = await fuzz(inputs, seed)
console.log(`none broke it; ${readable} could be read, ${verified} of them say the same as the original`)
