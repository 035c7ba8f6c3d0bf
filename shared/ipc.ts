import { brokerForm } from './carriers/broker.ts'
import { answerSchema, stepSchema } from './ceremony.ts'
import {
  attached,
  awsTemplate,
  bytes,
  cardView,
  draftView,
  entryId,
  file,
  fileReceipt,
  keyToDeposit,
  logEntry,
  MOST_TRAIL_FILES,
  MOST_TYPED,
  memberForm,
  movedDraft,
  packed,
  pasted,
  planForm,
  reportView,
  sealedRow,
  templateView,
  terminalSize,
} from './ipc-values.ts'
import { scopeField } from './ledger/scope.ts'
import { outletForm } from './outlets/settings.ts'
import { bytesField, digestField, groupField, lineField, nameField, roleField, textField } from './statements/fields.ts'
import { reviewForm } from './statements/review.ts'
import { caseName, casePage, casePageRequest, logChoices } from './views/case-log.ts'
import { text } from './views/fields.ts'
import { pictureChange } from './views/picture-change.ts'
import { proofDetails } from './views/proof-views.ts'
import { caseReport } from './views/report-views.ts'
import { setUpLines } from './views/set-up-lines.ts'
import { trailCallsView } from './views/trail-views.ts'
import { snapshotSchema } from './views/views.ts'
import { call, event, nothing } from './wire.ts'
import * as z from './zod.ts'

// The whole contract between main and window. Verbs of our domain, never `get(key)`; both ends parse on arrival.

export const contract = {
  app: {
    snapshot: call(nothing, snapshotSchema),
    /** What is different now from the picture that the window has: see `follow`. */
    changed: event(pictureChange),
    /** A person did something: puts off the idle lock. */
    active: call(nothing, nothing),
    dismiss: call(z.strictObject({ note: z.string().max(64) }), nothing),
    /** Lets the person choose where to save a file; false if they cancelled. */
    save: call(file, z.boolean()),
  },
  vault: {
    /** First start: who this is, and what the two keys are called. */
    setUp: call(
      z.strictObject({
        person: lineField(64),
        contact: lineField(128, 0),
        deviceName: lineField(64),
        labels: z.tuple([lineField(64), lineField(64)]),
      }),
      stepSchema,
    ),
    unlock: call(nothing, stepSchema),
    lock: call(nothing, nothing),
    /** Goes on although the journal was damaged; what is missing stays on the record. */
    acceptDamage: call(nothing, nothing),
    /** Goes on with a folder that was put back from a backup, or copied, when the others have handed over all they have. */
    goOn: call(nothing, nothing),
    setIdle: call(z.strictObject({ minutes: z.int().min(1).max(15) }), nothing),
  },
  ceremony: {
    answer: call(z.strictObject({ ceremony: bytesField(16), answer: answerSchema }), stepSchema),
  },
  sign: {
    /** Begins the touch for exactly what was shown; or shows anew what the app has to sign instead. */
    start: call(z.strictObject({ draft: bytesField(16) }), z.union([stepSchema, movedDraft])),
    drop: call(z.strictObject({ draft: bytesField(16) }), nothing),
  },
  people: {
    card: call(z.strictObject({ roles: z.array(roleField).min(1).max(4), groups: z.array(groupField).max(16) }), file),
    /** The same, packed for a code that a camera reads. */
    cardCode: call(
      z.strictObject({ roles: z.array(roleField).min(1).max(4), groups: z.array(groupField).max(16) }),
      packed,
    ),
    readCard: call(file, cardView),
    cards: call(nothing, z.array(cardView)),
    /** A genesis roster of these people (this app's owner among them), to be signed. */
    found: call(
      z.strictObject({ organization: lineField(64), members: z.array(memberForm).min(1).max(100) }),
      draftView,
    ),
    /** A roster that follows the head. */
    change: call(
      z.strictObject({
        keep: z
          .array(
            z.strictObject({
              member: nameField,
              roles: z.array(roleField).min(1).max(4),
              groups: z.array(groupField).max(16),
            }),
          )
          .max(100),
        add: z.array(memberForm).max(100),
      }),
      draftView,
    ),
    /** The draft and its endorsements so far, to hand to others. */
    draftFile: call(z.strictObject({ roster: digestField }), file),
    /** The same for a code; or this app's endorsement of it alone, for those who have the draft. */
    draftCode: call(z.strictObject({ roster: digestField, of: z.enum(['draft', 'mine']) }), packed),
  },
  endorse: {
    /** `compared`: the owner says that the 12 words were compared aloud; needed for rosters. */
    draft: call(z.strictObject({ of: digestField, compared: z.boolean() }), draftView),
  },
  plans: {
    templates: call(nothing, z.array(templateView)),
    draft: call(planForm, draftView),
    /** A template of docs/aws, to be saved and given to whoever administers AWS. */
    awsTemplate: call(awsTemplate, file),
  },
  credentials: {
    /** The key crosses once; main wipes its copy when it is encrypted, the window its own at once. */
    deposit: call(z.strictObject({ plan: digestField, key: keyToDeposit }), draftView),
    /**
     * Asks AWS with that key, before it is deposited, whether all that its plans need is there; takes some seconds. Null if it
     * was stopped. The key crosses for this once; main and the worker wipe theirs, the field keeps what was typed.
     */
    check: call(z.strictObject({ plan: digestField, key: keyToDeposit }), setUpLines.nullable()),
    stopCheck: call(nothing, nothing),
  },
  cases: {
    request: call(
      z.strictObject({
        plan: digestField,
        purpose: z.enum(['access', 'drill']),
        emergency: z.string().max(64),
        what: textField(2000, 1),
        reference: lineField(128, 0),
        seconds: z.int(),
      }),
      draftView,
    ),
    /** Asks for what replaces the key that a case used, where nobody has it any more; and for no access. */
    askToRotate: call(z.strictObject({ request: digestField }), draftView),
    decide: call(
      z.strictObject({ request: digestField, verdict: z.enum(['approve', 'deny']), reason: textField(1000) }),
      draftView,
    ),
    withdraw: call(z.strictObject({ request: digestField, reason: textField(1000) }), nothing),
    /** A custodian's order to end a session now. */
    revoke: call(z.strictObject({ request: digestField, grant: digestField, reason: textField(1000) }), draftView),
    /** Begins to replace the key that a case used: the touch opens what may, on an admin's device that has it. */
    replaceKey: call(z.strictObject({ request: digestField }), draftView),
    /** Deposits the key that took its place, once it has been tried. */
    depositNewKey: call(z.strictObject({ request: digestField }), draftView),
    /** A review of a case that is over, by somebody who took no part in it. */
    review: call(reviewForm, draftView),
    /** Compares files of a CloudTrail trail with a case, and attaches what of them concerns it. */
    attach: call(z.strictObject({ request: digestField, files: z.array(file).min(1).max(MOST_TRAIL_FILES) }), attached),
    /**
     * Asks CloudTrail about a case, with its session that is here, or with the credentials in a file that main reads and
     * keeps nothing of; and attaches what concerns the case. Nothing is attached where it knows nothing yet.
     */
    lookUp: call(
      z.strictObject({ request: digestField, path: z.string().min(1).max(1024).exactOptional() }),
      attached.extend({
        /** Whether anything was attached. */
        attached: z.boolean(),
        regions: z.array(text),
        /** Where it did not answer, and why. */
        unanswered: z.array(z.strictObject({ region: text, says: text })),
      }),
    ),
    /** Ends that. */
    stopLookUp: call(z.strictObject({ request: digestField }), nothing),
    /** How many events were read so far. */
    lookedUp: event(z.strictObject({ request: digestField, read: z.int().min(0) })),
    /** The calls of what somebody attached. */
    trail: call(z.strictObject({ evidence: digestField }), trailCallsView),
  },
  sessions: {
    /**
     * Puts the session into the clipboard, which is cleared after 60 s if it still holds it: as lines for a shell, or as a
     * link into the console; or the profile by which the AWS CLI asks this app, which is no secret and stays.
     */
    copy: call(z.strictObject({ case: digestField, as: z.enum(['environment', 'profile', 'console']) }), nothing),
    done: call(z.strictObject({ case: digestField }), nothing),
  },
  terminals: {
    /** Starts a recorded shell with a session, or leads back to the one that runs: gives what it showed last. */
    open: call(terminalSize, z.strictObject({ screen: z.string() })),
    /** What a person types goes to the shell, and is not recorded; what the shell shows of it is. */
    type: call(z.strictObject({ case: digestField, text: z.string().min(1).max(MOST_TYPED) }), nothing),
    resize: call(terminalSize, nothing),
    /** Ends the shell; the session goes on. */
    close: call(z.strictObject({ case: digestField }), nothing),
    /** What the shell shows. */
    shown: event(z.strictObject({ case: digestField, text: z.string() })),
    /** A recorded terminal, whole (docs/formats/terminal.md). */
    recording: call(z.strictObject({ evidence: digestField }), z.strictObject({ text: z.string() })),
  },
  log: {
    /** Sealed rows from a position on, for the window's working store. */
    rows: call(
      z.strictObject({ from: z.int().min(0), most: z.int().min(1).max(500) }),
      z.strictObject({ rows: z.array(sealedRow), total: z.int() }),
    ),
    /** Opens the rows of one page; rows that are not the journal's are named instead. */
    open: call(
      z.strictObject({ rows: z.array(sealedRow).max(200) }),
      z.strictObject({ entries: z.array(logEntry), foreign: z.array(z.int()) }),
    ),
    /** Positions of the entries that fit, newest first. */
    find: call(
      z.strictObject({
        case: digestField.nullable(),
        member: nameField.nullable(),
        text: z.string().max(128),
        skip: z.int().min(0),
        most: z.int().min(1).max(500),
      }),
      z.array(z.int()),
    ),
    /** A page of the cases that fit a filter, newest first. */
    cases: call(casePageRequest, casePage),
    /** Whom and what the log can be narrowed to. */
    choices: call(nothing, logChoices),
    /** Everything that a report on a case says. */
    caseReport: call(caseName, caseReport),
    /** What proves a statement. */
    proof: call(z.strictObject({ id: digestField }), proofDetails),
    /** Saves the window, which shows the report on that case, as a PDF where the person says; false if they cancelled. */
    savePdf: call(caseName, z.boolean()),
    /** A bundle: of all, one case, or a time span. */
    /** How long the log is kept on this device. */
    keepFor: call(z.strictObject({ retention: z.enum(['12-months', '6-years']) }), nothing),
    /** Drafts the removal of what is older. */
    prune: call(nothing, draftView),
    export: call(z.strictObject({ scope: scopeField }), file),
    verify: call(file, reportView),
  },
  outlets: {
    /** The secret that a webhook's receiver checks signatures with crosses once, here. */
    add: call(outletForm, z.strictObject({ id: entryId, secret: z.string().max(64).nullable() })),
    remove: call(z.strictObject({ id: entryId }), nothing),
    /** Tries at once, also if nothing waits; how it went stands in the outlet's view. */
    tryNow: call(z.strictObject({ id: entryId }), nothing),
  },
  relay: {
    /** Credentials cross once, here, and never back. */
    add: call(brokerForm, z.strictObject({ id: entryId })),
    remove: call(z.strictObject({ id: entryId }), nothing),
    /** Tries at once; how it went stands in the broker's view. */
    tryNow: call(z.strictObject({ id: entryId }), nothing),
  },
  exchange: {
    addAddress: call(z.strictObject({ address: lineField(256) }), nothing),
    removeAddress: call(z.strictObject({ address: lineField(256) }), nothing),
    /** Statements of a case, or all that others may lack, to hand over as a file. */
    writeFile: call(z.strictObject({ request: digestField.nullable() }), file),
    readFile: call(file.extend({ pasted }), fileReceipt),
    /** What this device, or everybody, said in a case, packed for a code that a camera reads (docs/formats/qr.md). */
    writeCode: call(z.strictObject({ request: digestField, of: z.enum(['mine', 'case']) }), packed),
    /** A person began or ended a scan: only between the two may the window use a camera. */
    scan: call(z.strictObject({ camera: z.boolean() }), nothing),
    /** A pack that a camera read: the same door as a file's. */
    readCode: call(z.strictObject({ pack: bytes, pasted }), fileReceipt),
  },
  /** The file that a person opened with Lockbox: read only now, when they say what for. */
  opened: {
    verify: call(nothing, reportView),
    take: call(nothing, fileReceipt),
    close: call(nothing, nothing),
  },
} as const
export type Contract = typeof contract
