import type { Digest } from '../../shared/bytes.ts'
import type { Contract } from '../../shared/ipc.ts'
import { MAX_REPORT } from '../../shared/ipc-values.ts'
import { isAny as isAnyCase } from '../../shared/views/case-log.ts'
import type { MainHandlers } from '../../shared/wire.ts'
import type { App } from './app.ts'
import { draftRequest, draftRotation, withdraw } from './asking.ts'
import { attachTrail, callsOf } from './attaching.ts'
import { awsTemplate } from './aws-templates.ts'
import { caseReportOf, findCases, logChoicesOf, proofOf, recordReport, reportName } from './case-log.ts'
import { draftDecision } from './deciding.ts'
import { draftDeposit } from './depositing.ts'
import { draftEndorsement } from './endorsing.ts'
import { draftCode, draftFile, statementsCode, statementsFile } from './files.ts'
import { readCode, readStatements } from './inbox.ts'
import { exportBundle, findEntries, openRows } from './log.ts'
import { cardCode, cardView, draftChange, draftGenesis, ownCard } from './people.ts'
import { draftPlan, templates } from './planning.ts'
import { draftPruning } from './pruning.ts'
import type { ReadWhat } from './readings.ts'
import { recordingOf } from './recording-evidence.ts'
import { draftReview } from './reviewing.ts'
import { draftRevoke } from './revoking.ts'

/** What of the log a filter looks at. What people search for is not recorded: it may say more than the log does. */
function subjectOf({
  case: of,
  member,
  text,
}: {
  case: Digest | null
  member: string | null
  text: string
}): [ReadWhat, Digest | null] {
  if (of !== null) return ['case', of]
  return [member === null && text.trim() === '' ? 'log' : 'search', null]
}

const CUT = '\n\nThe report goes on; this window cannot show more. Read all of it with “lockbox verify”.\n'

/** What a window may ask of an app: one function for each call of the contract, and nothing else. */
export function handlersOf(
  app: App,
  verify: (
    bytes: Uint8Array,
  ) => Promise<{ verdict: 'verified' | 'refuted' | 'unreadable' | 'incomplete'; text: string }>,
): MainHandlers<Contract> {
  const device = () => app.desk().device
  const drafts = () => app.desk().drafts
  const { sessions, revokers, rotations, terminals, lookups } = app.beside
  const reportOn = async (bytes: Uint8Array) => {
    const { verdict, text } = await verify(bytes)
    return { verdict, text: text.length <= MAX_REPORT ? text : `${text.slice(0, MAX_REPORT - CUT.length)}${CUT}` }
  }
  return {
    app: {
      snapshot: () => app.tellWhole(),
      active: () => app.vault.touched(),
      dismiss: ({ note }) => app.dismiss(note),
      save: ({ name, bytes }) => app.save(name, bytes),
    },
    vault: {
      setUp: (given) => app.setUp(given),
      unlock: () => app.vault.unlock(),
      lock: () => app.lock('button'),
      acceptDamage: () => app.acceptDamage(),
      goOn: () => device().standing.goOn(),
      setIdle: ({ minutes }) => app.changeDisplay({ idleMinutes: minutes }),
    },
    ceremony: { answer: ({ ceremony, answer }) => app.answer(ceremony, answer) },
    sign: { start: ({ draft }) => drafts().start(draft), drop: ({ draft }) => drafts().drop(draft) },
    people: {
      card: ({ roles, groups }) => ownCard(device(), { roles, groups }),
      cardCode: ({ roles, groups }) => ({ pack: cardCode(device(), { roles, groups }) }),
      readCard: async ({ bytes }) => {
        const { offers } = device()
        const read = offers.readCard(bytes)
        return cardView(device(), await offers.addCard(read), read.card)
      },
      cards: () => [...device().offers.cards()].map(([digest, card]) => cardView(device(), digest, card)),
      found: ({ organization, members }) => draftGenesis(device(), drafts(), organization, members),
      change: ({ keep, add }) => draftChange(device(), drafts(), keep, add),
      draftFile: ({ roster }) => draftFile(device(), roster),
      draftCode: ({ roster, of }) => ({ pack: draftCode(device(), roster, of) }),
    },
    endorse: { draft: ({ of, compared }) => draftEndorsement(device(), drafts(), of, compared) },
    plans: { templates, draft: (form) => draftPlan(device(), drafts(), form), awsTemplate },
    credentials: {
      deposit: ({ plan, key }) => draftDeposit(device(), drafts(), plan, key),
      check: ({ plan, key }) => app.desk().checks.run(plan, key),
      stopCheck: () => app.desk().checks.stop(),
    },
    cases: {
      request: (asked) => draftRequest(device(), drafts(), asked),
      askToRotate: ({ request }) => draftRotation(device(), drafts(), request),
      decide: ({ request, verdict, reason }) => draftDecision(device(), drafts(), request, verdict, reason),
      withdraw: ({ request, reason }) => withdraw(device(), request, reason),
      revoke: (order) => draftRevoke(device(), drafts(), revokers, order),
      replaceKey: ({ request }) => rotations.draftBegin(device(), drafts(), request),
      depositNewKey: ({ request }) => rotations.draftDeposit(device(), drafts(), request),
      review: (form) => draftReview(device(), drafts(), form),
      attach: ({ request, files }) => attachTrail(device(), request, files),
      lookUp: ({ request, path }) => lookups.attach(device(), request, path ?? null),
      stopLookUp: ({ request }) => lookups.stop(request),
      trail: ({ evidence }) => callsOf(device(), evidence),
    },
    sessions: {
      copy: ({ case: id, as }) => {
        if (as === 'profile') return sessions.copyProfile(app.desk().device, id)
        return as === 'console' ? sessions.copyConsoleLink(id) : sessions.copy(id)
      },
      done: ({ case: id }) => sessions.done(id, app.isOpen ? device() : null),
    },
    terminals: {
      open: ({ case: id, ...size }) => terminals.open(device(), id, size),
      type: ({ case: id, text }) => {
        app.desk()
        terminals.type(id, text)
      },
      resize: ({ case: id, ...size }) => terminals.resize(id, size),
      close: ({ case: id }) => terminals.close(id),
      recording: ({ evidence }) => recordingOf(device(), evidence),
    },
    log: {
      rows: async ({ from, most }) => {
        const { journal } = device().vault
        return {
          rows: (await journal.sealedRows(from, most)).map(({ position, sealed }) => ({ position, sealed })),
          total: journal.size,
        }
      },
      open: ({ rows }) => {
        app.desk().readings.note('log')
        return openRows(device(), app.desk().notary, rows)
      },
      find: (filter) => {
        app.desk().readings.note(...subjectOf(filter))
        return findEntries(device(), filter)
      },
      keepFor: ({ retention }) => app.changeDisplay({ retention }),
      prune: () =>
        draftPruning(device(), drafts(), app.display.retention, (places) => app.desk().outlets.unsent(places)),
      cases: (page) => {
        app.desk().readings.note(isAnyCase(page) ? 'log' : 'search')
        return findCases(device(), page)
      },
      choices: () => logChoicesOf(device()),
      caseReport: ({ case: id }) => {
        app.desk().readings.note('case', id)
        return caseReportOf(app.desk().inside(), id)
      },
      proof: ({ id }) => {
        app.desk().readings.note('log')
        return proofOf(app.desk(), id)
      },
      savePdf: ({ case: id }) => app.savePdf(reportName(device(), id), (bytes) => recordReport(device(), id, bytes)),
      export: async ({ scope }) => ({
        name: `lockbox-${new Date(device().clock().wall).toISOString().slice(0, 10)}.bundle`,
        bytes: await exportBundle(device(), app.desk().notary, app.desk().carrier, scope),
      }),
      verify: ({ bytes }) => reportOn(bytes),
    },
    outlets: {
      add: (form) => app.desk().outlets.add(form),
      remove: ({ id }) => app.desk().outlets.remove(id),
      tryNow: ({ id }) => app.desk().outlets.tryNow(id),
    },
    relay: {
      add: (form) => app.desk().relaying.add(form),
      remove: ({ id }) => app.desk().relaying.remove(id),
      tryNow: ({ id }) => app.desk().relaying.tryNow(id),
    },
    exchange: {
      addAddress: async ({ address }) => {
        app.desk().carrier.addAddress(address)
        await app.changeDisplay({ addresses: [...new Set([...app.display.addresses, address])] })
      },
      removeAddress: async ({ address }) => {
        app.desk().carrier.removeAddress(address)
        await app.changeDisplay({ addresses: app.display.addresses.filter((one) => one !== address) })
      },
      writeFile: ({ request }) => statementsFile(device(), app.desk().notary, request),
      readFile: ({ bytes, pasted = false }) =>
        readStatements(device(), app.desk().notary, bytes, pasted ? 'text' : 'file'),
      writeCode: async ({ request, of }) => ({ pack: await statementsCode(device(), request, of) }),
      scan: ({ camera }) => {
        // Nobody scans anything for an app that is locked; to give the camera back is always right.
        if (camera) app.desk()
        return app.permitCamera(camera)
      },
      readCode: ({ pack, pasted = false }) => readCode(device(), pack, pasted ? 'text' : 'code'),
    },
    opened: {
      verify: async () => {
        app.desk()
        return reportOn(await app.openedFile.read())
      },
      take: async () => readStatements(device(), app.desk().notary, await app.openedFile.read(), 'file'),
      close: () => app.openedFile.close(),
    },
  }
}
