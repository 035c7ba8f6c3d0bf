import type { LedgerReport } from '../ledger/check.ts'
import type { BundleReport } from './report.ts'
import { countWords } from './words.ts'

/** What no bundle can show, and what this one cannot: for people to quote. Never empty. */
export function cannotConclude(report: Omit<BundleReport, 'cannotConclude'>, ledger: LedgerReport): string[] {
  const { size, witnessed } = ledger
  return [
    'That nothing was withheld. A device can keep back what it never let into its ledger.',
    witnessed < size
      ? `That the last ${countWords(size - witnessed, 'entry was', 'entries were')} not chosen: for them stands the exporting device alone. Compare with bundles of other devices.`
      : 'That nothing followed after the last entry. Compare with bundles of other devices.',
    ...(report.organization === null
      ? []
      : [
          'That this is your organization. Compare the 12 words with people you know; anybody can found one of the same name.',
        ]),
    'That times are right. Every time is what the device that signed it claimed; a cosigner’s time is that device’s clock.',
    'When the file was made, and which roster the exporting device acted on: both are its own word.',
    'Who held a key. A hardware signature shows that this key was touched and checked a PIN or fingerprint.',
    ...(report.people.some(({ keys }) => keys.some(({ attested }) => attested))
      ? ['That a key is of the model that a roster records: attestations are not in a bundle.']
      : []),
    ...claimedWitnesses(report),
    ...unconfirmedEnds(report),
    'That a credential was used only on the record. Whoever created the long-lived key once knew it, enough custodians together can combine their shares outside the app, and the issuing device handles the credential for a moment.',
    'That nobody else read or copied it. Reading and exporting are recorded by the app that does it; a copied file or disk records nothing.',
    'What was done with access. That is in the records of the service, such as CloudTrail.',
  ]
}

function claimedWitnesses({ cases }: Omit<BundleReport, 'cannotConclude'>): string[] {
  const claimed = cases.filter(({ grant }) => (grant?.witness ?? null) !== null)
  if (claimed.length === 0) return []
  const which = claimed.length === 1 ? 'one case' : `${claimed.length} cases`
  return [
    `That another device acknowledged before the credential was touched, in ${which}: the issuing device says so. Its own bundle can show the cosignature, and none shows that it came first.`,
  ]
}

function unconfirmedEnds({ cases }: Omit<BundleReport, 'cannotConclude'>): string[] {
  const open = cases.filter(({ grant, ended }) => grant !== null && !(ended?.confirmed ?? false))
  if (open.length === 0) return []
  const which = open.length === 1 ? 'one session' : `${open.length} sessions`
  return [`That ${which} had ended when the file was made: that is claimed or still open, not confirmed.`]
}
