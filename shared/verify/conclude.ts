import type { BundleReport } from './report.ts'
import { countWords } from './words.ts'

/** How much of what cases say is the word of one device. */
export interface OpenEnds {
  /** Cases whose grant names a witness. */
  readonly namedWitnesses: number
  /** Sessions of which nothing certain says that they ended. */
  readonly openEnds: number
  /** Cases in which a device says that it deleted the used key. */
  readonly saidDeletions: number
}

/** What no bundle can show, and what this one cannot: for people to quote. Never empty. */
export function cannotConclude(report: Omit<BundleReport, 'cannotConclude'>, open: OpenEnds): string[] {
  return [
    'That nothing was withheld. A device can keep back what it never let into its ledger.',
    ...partSentences(report),
    ...apartSentences(report),
    lastEntries(report),
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
    ...claimedWitnesses(open.namedWitnesses),
    ...unconfirmedEnds(open.openEnds),
    ...claimedDeletions(open.saidDeletions),
    'That a credential was used only on the record. Whoever created the long-lived key once knew it, enough custodians together can combine their shares outside the app, and the issuing device handles the credential for a moment.',
    'That nobody else read or copied it. Reading and exporting are recorded by the app that does it; a copied file or disk records nothing.',
    'What was done with access. That is in the records of the service, such as CloudTrail.',
  ]
}

/** What a part of a ledger leaves open by being one. */
function partSentences({ files, plans }: Omit<BundleReport, 'cannotConclude'>): string[] {
  const sentences = files.flatMap(({ scope, ledger }) => {
    if (scope === 'all') return []
    if (scope === 'held')
      return [
        `What the ${countWords(ledger.size - ledger.entries, 'entry', 'entries')} said that ${ledger.size - ledger.entries === 1 ? 'is' : 'are'} not in the file, and of how many cases ${ledger.size - ledger.entries === 1 ? 'it is' : 'they are'}${files.length > 1 ? ', where no other file has them: which they were is not compared' : ''}. That they stood in the exporting device’s ledger, in these places, its checkpoints show.`,
        'That devices signed nothing in between. Where entries were removed, gaps in chains are to be expected and are not reported.',
      ]
    const what = 'case' in scope ? 'this case' : 'this time'
    return [
      `That these are all statements of ${what}. The file is a part: ${ledger.entries} of the ${ledger.size} entries of the ledger, chosen by the exporting device or by whoever had the file since. Each is proved to stand in that ledger; what else stands there, a bundle of the whole ledger shows.`,
      'That devices signed nothing in between. In a part, gaps in their chains are to be expected and are not reported.',
    ]
  })
  const hasWhole = files.some(({ scope }) => scope === 'all')
  const drills = plans.some(({ drill }) => drill !== null) && !hasWhole ? [DRILLS_APART] : []
  return [...new Set([...sentences, ...drills])]
}

const DRILLS_APART =
  'When a drill is due. That is counted from the last opening of the key which is here; a later one may stand in what is not here.'

/** What files of one device leave open where no whole ledger has the heads of all of them. */
function apartSentences({ files }: Omit<BundleReport, 'cannotConclude'>): string[] {
  const isApart = files.some(({ exporter, scope, ledger }) => {
    const own = files.filter((one) => one.exporter.device === exporter.device)
    const whole = Math.max(0, ...own.filter((one) => one.scope === 'all').map((one) => one.ledger.size))
    return scope !== 'all' && ledger.size > whole && own.some((one) => one.ledger.size !== ledger.size)
  })
  return isApart
    ? [
        'That the files of one device are of one history throughout. Where a part has a head of another size, only entries in places that two files have were compared; a newer bundle of its whole ledger shows the rest.',
      ]
    : []
}

function lastEntries({ files }: Omit<BundleReport, 'cannotConclude'>): string {
  const alone = Math.max(...files.map(({ ledger: { entries, witnessed } }) => entries - witnessed))
  return alone > 0
    ? `That the last ${countWords(alone, 'entry was', 'entries were')} not chosen: for them stands the exporting device alone. Compare with bundles of other devices.`
    : 'That nothing followed after the last entry. Compare with bundles of other devices.'
}

function claimedWitnesses(claimed: number): string[] {
  if (claimed === 0) return []
  const which = claimed === 1 ? 'one case' : `${claimed} cases`
  return [
    `That another device acknowledged before the credential was touched, in ${which}: the issuing device says so. Its own bundle can show the cosignature, and none shows that it came first.`,
  ]
}

function unconfirmedEnds(open: number): string[] {
  if (open === 0) return []
  const which = open === 1 ? 'one session' : `${open} sessions`
  return [`That ${which} had ended when the file was made: that is claimed or still open, not confirmed.`]
}

function claimedDeletions(claimed: number): string[] {
  if (claimed === 0) return []
  const which = claimed === 1 ? 'one case' : `${claimed} cases`
  return [
    `That the key which was used was deleted, in ${which}: the device that replaced it says so. AWS’s list of the user’s keys shows it.`,
  ]
}
