import { generateKeyPairSync, sign } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Device } from '../../../main/app/device.ts'
import { bareFile } from '../bare/disk.ts'
import type { BenchCase } from '../case.ts'
import { lineOf } from '../line.ts'
import { interleaved, timed } from '../measure.ts'
import { foundersDevice, noRequest } from '../one-device.ts'

/** One statement of this device, from what it says to the medium: written, signed, through the door, journal, ledger. */
export const append: BenchCase = {
  name: 'append',
  async run({ effort, worker, say }) {
    const { party, device, close } = await foundersDevice(worker)
    try {
      const size = effort.size(1000)
      say(`append: writing ${size} statements first`)
      while (device().store.ids().length < size) await writeOne(device())
      const journal = join(party.profileDir, 'vault', 'journal')
      const before = statSync(journal).size
      await writeOne(device())
      const record = Buffer.alloc(statSync(journal).size - before, 1)
      const file = bareFile(join(party.profileDir, 'bare'))
      const { privateKey } = generateKeyPairSync('ed25519')
      const rounds = await interleaved(effort.rounds(1000), {
        ours: () => timed(() => writeOne(device())),
        bare: () =>
          timed(() => {
            sign(null, record, privateKey)
            file.append(record)
          }),
      })
      file.close()
      const what = `one statement signed and made durable, ${size} in the log`
      const bareIs = `one Ed25519 signature, write and fdatasync of ${record.length} bytes`
      return [lineOf({ name: 'append', what, bareIs, unit: 'ms', targets: [{ times: 2 }] }, rounds)]
    } finally {
      await close()
    }
  },
}

function writeOne(device: Device) {
  return device.author.write('withdrawal', device.pen(), { request: noRequest(), reason: '' })
}
