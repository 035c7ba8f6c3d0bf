import { ANY_CASE } from '../../shared/views/case-log.ts'
import type { App } from '../store/app.ts'
import { listCases } from '../store/view-store.ts'
import { askedCase, grantedCase } from './cases.ts'
import { digestId, nameId } from './people.ts'
import { memberSnapshot } from './snapshots.ts'
import { ana, handingOver, openingProof, pressing, pressingFirst, type Story, typing } from './story.ts'

/** What Eve's window shows: she audits, and is nothing else. */
const eve = () => memberSnapshot('eve', { cases: [grantedCase(Date.now())] })

/** A scan into which somebody dropped a file. */
function scanning(): void {
  pressing('Scan codes')()
  handingOver('raj.lockbox', '[role=dialog] input[type=file]')()
}

const filteredToNothing = ({ view }: App) =>
  listCases(view, { filter: { ...ANY_CASE, outcome: 'withdrawn', person: nameId('eve') }, skip: 0, older: false })

/** Looks for a case at Entries, and chooses the first that fits if so said. */
const lookingFor =
  (words: string, isChosen = false) =>
  () => {
    pressing('Entries')()
    typing({ 'Entries of one case': words }, [])()
    if (isChosen) pressingFirst('ul[aria-label="Cases that fit"] button')()
  }

/** The auditor's screens. */
export const auditorStories: Readonly<Record<string, Story>> = {
  'log-cases': { snapshot: eve, route: { screen: 'log' } },
  'log-scan': {
    snapshot: () => memberSnapshot('eve', { cases: [askedCase(Date.now())] }),
    route: { screen: 'log' },
    after: pressing('Scan codes'),
  },
  'log-scanned': {
    snapshot: () => memberSnapshot('ruth', { cases: [askedCase(Date.now())] }),
    route: { screen: 'log' },
    after: scanning,
  },
  'log-cases-none': { snapshot: eve, route: { screen: 'log' }, after: filteredToNothing },
  'log-entries': {
    snapshot: () => ana({ cases: [grantedCase(Date.now())] }),
    route: { screen: 'log' },
    after: pressing('Entries'),
  },
  'log-entries-find': { snapshot: eve, route: { screen: 'log' }, after: lookingFor('inc-1') },
  'log-entries-none': { snapshot: eve, route: { screen: 'log' }, after: lookingFor('inc-9999') },
  'log-entries-case': { snapshot: eve, route: { screen: 'log' }, after: lookingFor('inc-1721', true) },
  report: { snapshot: eve, route: { screen: 'report', id: digestId('case ana') } },
  'report-proof': { snapshot: eve, route: { screen: 'report', id: digestId('case ana') }, after: openingProof },
}
