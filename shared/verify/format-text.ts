import type { DrillReason } from '../case/drills.ts'
import { utcWords } from '../utc.ts'
import { modelWords } from '../views/people.ts'
import type { VerifyFinding } from './findings.ts'
import { actLine, caseLines, shortCaseLine } from './format-cases.ts'
import type { BundleReport, FileReport, OpeningFact, PersonReport, Report, Verdict } from './report.ts'
import { countWords, deviceWords, nameWords, personWords, plainLine, quotedText } from './words.ts'

const HEADLINES: Record<Verdict, string> = {
  verified: 'VERIFIED: everything in this file holds.',
  refuted: 'REFUTED: this file contradicts itself.',
  unreadable: 'UNREADABLE: this is not a whole bundle; nothing is concluded from it.',
  incomplete: 'VERIFIED BUT INCOMPLETE: nothing in this file is wrong, and it does not show all it should.',
}

/** Of several files it may be two of them that do not go together. */
const OF_SEVERAL: Record<Exclude<Verdict, 'unreadable'>, string> = {
  verified: 'VERIFIED: everything in these files holds.',
  refuted: 'REFUTED: these files contradict themselves or one another.',
  incomplete: 'VERIFIED BUT INCOMPLETE: nothing in these files is wrong, and they do not show all they should.',
}

const RESULTS: Record<VerifyFinding['result'], string> = {
  refuted: 'WRONG',
  incomplete: 'INCOMPLETE',
  attention: 'LOOK AT',
  holds: 'HOLDS',
}

/**
 * A report for people: plain text, lines without control or bidirectional characters, whatever the file holds. Times
 * are UTC.
 *
 * @param file - What the report is about; quoted as it is.
 */
export function formatText(report: Report, file: string): string {
  const lines =
    report.verdict === 'unreadable'
      ? [...headLines(report, file), '', `  ${report.first.says}`, `  ${report.first.means}`]
      : [...headLines(report, file), ...bundleLines(report)]
  return `${lines.map(plainLine).join('\n')}\n`
}

const headLines = (report: Report, file: string): string[] => [`Lockbox report on ${file}`, headlineOf(report)]

/** What is no bundle, as far as anybody looked, is not said to be a broken one. */
const UNREAD: Partial<Record<VerifyFinding['code'], string>> = {
  'no-file': 'UNREADABLE: there is no file here that can be read; nothing is concluded from it.',
  unsupported: 'UNREADABLE: this is a bundle of another version of Lockbox; nothing is concluded from it.',
}

/** The verdict in a sentence. */
export function headlineOf(report: Report): string {
  if (report.verdict === 'unreadable') return UNREAD[report.first.code] ?? HEADLINES.unreadable
  const isPart = report.verdict === 'verified' && report.files.some(({ scope }) => scope !== 'all')
  if (report.files.length > 1) return isPart ? PARTS : OF_SEVERAL[report.verdict]
  return isPart ? PART : HEADLINES[report.verdict]
}

const PART = 'VERIFIED, A PART: everything in this file holds. It is a part of a ledger; see what it cannot show.'
const PARTS =
  'VERIFIED, WITH A PART: everything in these files holds. Not all are whole ledgers; see what they cannot show.'

function bundleLines(report: BundleReport): string[] {
  const file = report.files.length === 1 ? 'this file' : 'these files'
  return [
    ...firstLines(report),
    ...section(report.files.length === 1 ? 'What this file is' : 'What these files are', aboutLines(report)),
    ...section(
      'What was found',
      report.findings.flatMap((one) => findingLines(one, report.files.length > 1)),
    ),
    ...section('People and their hardware keys', report.people.flatMap(personLines)),
    ...section('Plans', report.plans.flatMap(planLines)),
    ...section('Credentials', report.credentials.flatMap(credentialLines)),
    ...caseSections(report),
    ...section(`About requests that are not in ${file}`, logOf(report, 'case')),
    ...section('Founding, people, plans and custody', logOf(report, 'ground')),
    ...section('Who read, exported and removed what', logOf(report, 'log')),
    ...moreOf(
      report.counts.log - report.log.length,
      'more statements outside cases are not listed; they were checked all the same',
    ),
    ...section(
      `What ${file} cannot show`,
      report.cannotConclude.map((sentence) => `- ${sentence}`),
    ),
  ]
}

/** What a statement outside the cases is about: the organization, the log itself, or a case that is not here. */
const ABOUT: Readonly<Record<string, 'ground' | 'log'>> = {
  roster: 'ground',
  plan: 'ground',
  deposit: 'ground',
  endorsement: 'ground',
  custody: 'ground',
  read: 'log',
  exported: 'log',
  pruned: 'log',
}

/** The statements outside the cases that are about one of these, a line for each. */
export function logOf({ log }: BundleReport, about: 'ground' | 'log' | 'case'): string[] {
  return log.filter(({ kind }) => (ABOUT[kind] ?? 'case') === about).map(actLine)
}

function firstLines({ first, verdict, findings, files }: BundleReport): string[] {
  if (first === null) return lookAtLines(findings)
  const what = verdict === 'refuted' ? 'First wrong' : 'First incomplete'
  return [
    '',
    `${what}: ${placeWords(first, files.length > 1)}${first.says}`,
    `  rule: ${first.code}`,
    `  meaning: ${first.means}`,
  ]
}

/** Where nothing is wrong: how much people should look at all the same. */
export function lookAtLines(findings: BundleReport['findings']): string[] {
  const toLookAt = findings.filter(({ result }) => result === 'attention').length
  return toLookAt === 0 ? [] : [`People should look at ${countWords(toLookAt, 'thing', 'things')} it records.`]
}

/** Where a finding is, in brackets and with a space behind; empty where it has no place. */
export function placeWords({ entries, file }: VerifyFinding, several: boolean): string {
  const which = several && file !== null ? [`file ${file + 1}`] : []
  const where = entries === null ? [] : [rangeWords(entries)]
  const words = [...which, ...where].join(', ')
  return words === '' ? '' : `[${words}] `
}

function rangeWords({ from, to }: { readonly from: number; readonly to: number }): string {
  return to - from === 1 ? `entry ${from}` : `entries ${from} to ${to - 1}`
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]
}

/** Cases in full, up to this many; beyond that a line for each, and for the oldest of very many a count. */
const FULL_CASES = 20

function caseSections({ cases, counts }: BundleReport): string[] {
  const full = cases.slice(-FULL_CASES)
  const short = cases.slice(0, -FULL_CASES)
  const states = Object.entries(counts.states).map(([state, count]) => `${count} ${state}`)
  const summary = counts.cases <= FULL_CASES ? [] : [`${counts.cases} cases in all: ${states.join(', ')}`]
  const left = counts.cases - cases.length
  if (counts.cases === 0) return section('Cases', ['none is in what was verified'])
  return [
    ...section('Cases', [
      ...summary,
      ...(left > 0
        ? [`${left} older ones are not listed; they were judged all the same. --case ID gives one in full.`]
        : []),
      ...short.map(shortCaseLine),
    ]),
    ...full.flatMap((one, at) =>
      section(`Case ${counts.cases - full.length + at + 1} of ${counts.cases}`, caseLines(one)),
    ),
  ]
}

function moreOf(count: number, words: string): string[] {
  return count > 0 ? [`  ${count} ${words}`] : []
}

function aboutLines(report: BundleReport): string[] {
  const { files, organization, claims } = report
  const words = organization?.words ?? []
  return [
    organization === null
      ? `organization ${claims.organization}, by the header alone: it was not recomputed, see below`
      : `organization ${quotedText(organization.name)}, id ${organization.id}; ${rosterWords(organization.rosters)}`,
    ...(words.length === 0
      ? []
      : [
          'compare these 12 words with people of the organization:',
          `  ${words.slice(0, 6).join(' ')}`,
          `  ${words.slice(6).join(' ')}`,
        ]),
    ...files.flatMap((file, at) => [...(files.length === 1 ? [] : [`file ${at + 1}:`]), ...fileLines(file)]),
  ]
}

/** By whom, when, and under whose checkpoints a file was exported. */
export function fileLines({ exporter, exportedAt, scope, ledger }: FileReport): string[] {
  const vouched = `${ledger.covered} under the exporting device’s signature, ${ledger.witnessed} cosigned by others`
  return [
    `exported by ${deviceWords(exporter)}, by its own clock at ${utcWords(exportedAt)}`,
    ...(scope === 'all' ? [] : [`a part of a ledger of ${ledger.size} entries: ${scopeWords(scope)}`]),
    `${countWords(ledger.entries, 'entry', 'entries')}; ${vouched}`,
    `root over all entries: ${ledger.root ?? 'unknown'}`,
    ...ledger.cosigners.map(
      (one) => `cosigned by ${deviceWords(one)} up to ${one.size} entries, by its clock at ${utcWords(one.at)}`,
    ),
  ]
}

function scopeWords(scope: Exclude<FileReport['scope'], 'all'>): string {
  if (scope === 'held') return 'all that is left after old entries were removed'
  return 'case' in scope
    ? `the case ${scope.case}, and what that stands on`
    : `what was signed from ${utcWords(scope.from)} to ${utcWords(scope.to)}, and what that stands on`
}

function findingLines(finding: VerifyFinding, several: boolean): string[] {
  return [
    `${RESULTS[finding.result].padEnd(10)} ${placeWords(finding, several)}${finding.says} (${finding.code})`,
    ...(finding.result === 'holds' ? [] : [`${' '.repeat(11)}${finding.means}`]),
  ]
}

function personLines({ name, member, roles, groups, active, devices, keys }: PersonReport): string[] {
  const standing = `${roles.join(', ')}${groups.length === 0 ? '' : `; in ${groups.join(', ')}`}`
  const gone = (here: boolean) => (here ? '' : ' (no longer in the roster)')
  return [
    `${nameWords(name)} (${member}): ${standing}${gone(active)}`,
    ...devices.map((device) => `  device ${quotedText(device.name)} ${device.device}${gone(device.active)}`),
    ...keys.map((key) => `  key ${quotedText(key.name)} ${key.key}: ${keyWords(key)}${gone(key.active)}`),
  ]
}

/** How often the list of people was replaced. */
export function rosterWords(count: number): string {
  if (count === 1) return 'its roster is still that of the founding'
  return `its roster was replaced ${count === 2 ? 'once' : `${count - 1} times`} since the founding`
}

/** A key's model. The attestation is not in the file, so the report only says what the roster records. */
export function keyWords({ model, attested }: PersonReport['keys'][number]): string {
  const words = modelWords(model, attested)
  return words.startsWith('attested') ? `${words} by the roster; not checked here` : words
}

/** A plan in a line, and when its next drill is due. */
export function planLines({
  name,
  entry,
  state,
  account,
  custodians,
  need,
  groups,
  endorsedBy,
  drill,
}: BundleReport['plans'][number]) {
  const from = groups.map(({ group, count }) => `, at least ${count} from ${group}`).join('')
  const who = custodians.map(personWords).join(', ')
  const what = `[${entry}] ${quotedText(name)} (${state}): ${need} of ${custodians.length} custodians${from} (${who}) for ${account}; endorsed by ${endorsedBy.map(personWords).join(', ') || 'nobody'}`
  return drill === null ? [what] : [what, `  ${drillWords(drill)}`]
}

const CHANGES: Record<DrillReason, string> = {
  plan: 'this version was not used yet',
  people: 'custodians, issuers, their devices or keys changed',
  generation: 'its key was dealt without such an opening before',
}

function drillWords({ last, due, changed, state }: NonNullable<BundleReport['plans'][number]['drill']>): string {
  const counted = last === null ? 'no opening by another device than the dealer’s is shown' : openedWords(last)
  const at = `${state === 'overdue' ? 'overdue since' : 'due'} ${utcWords(due)}`
  const why = changed.map((reason) => CHANGES[reason]).join('; ')
  return `drill ${at}; ${counted}${why === '' ? '' : `; due at once: ${why}`}`
}

/** "opened by a drill at …, issued by bob’s device". */
function openedWords({ purpose, at, by }: OpeningFact): string {
  return `opened by ${purpose === 'drill' ? 'a drill' : 'an access'} at ${utcWords(at)}, issued by ${deviceWords(by)}`
}

const BARELY = 'held by just enough custodians: with one more gone nobody gets access; deposit a new key'

/** A generation of a credential, and how each share stands. */
export function credentialLines({
  entry,
  generation,
  accessKeyId,
  state,
  hasSpare,
  problems,
  opened,
  openedByDealer,
  custodians,
}: BundleReport['credentials'][number]) {
  return [
    `[${entry}] generation ${generation}, key ${accessKeyId}: ${[state === 'held' && !hasSpare ? BARELY : state, ...problems].join(', ')}`,
    `  ${opened === null ? 'this file shows no opening of it by another device than the dealer’s' : openedWords(opened)}`,
    ...(openedByDealer === null
      ? []
      : [`  by the dealer’s own device, which proves no share: ${openedWords(openedByDealer)}`]),
    ...custodians.map(
      ({ person, accepted, lastProof }, at) =>
        `  share ${at + 1}, ${personWords(person)}: ${accepted ? 'accepted' : 'not accepted'}, ${lastProof === null ? 'custody not proved' : `custody proved at ${utcWords(lastProof)}`}`,
    ),
  ]
}
