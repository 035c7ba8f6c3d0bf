import { ClipboardCheck } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import {
  ANSWERS,
  CLASSIFICATIONS,
  type Classification,
  MOST_ANSWER,
  QUESTIONS,
  type Question,
  reviewForm,
} from '../../shared/statements/review.ts'
import type { CaseView } from '../../shared/views/case-views.ts'
import { ANSWER_WORDS, type Answer, CLASSIFICATION_WORDS, QUESTION_WORDS } from '../../shared/views/review-words.ts'
import { useApp, useConfirm } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Choice, Group, Text } from '../ui/fields.tsx'
import { Form } from '../ui/form.tsx'
import { Section } from '../ui/page.tsx'
import { tidyText, wrongText } from '../ui/tidy.ts'
import { Measured } from './measured.tsx'
import { TrailLines } from './trail.tsx'

/** What is to be written below each question. */
const ASKS: Readonly<Record<Question, string>> = {
  necessary: 'Why it was necessary, or was not',
  justified: 'What was done, and by which plan',
  duration: 'How long access was really needed',
  ordinary: 'What ordinary access could have done, or could not',
  suspicious: 'What you looked at, and what you saw',
}

interface Filled {
  readonly classification: Classification | null
  readonly answers: Readonly<Record<Question, { readonly answer: Answer | null; readonly text: string }>>
}

const NOTHING = { answer: null, text: '' }
const EMPTY: Filled = {
  classification: null,
  answers: { necessary: NOTHING, justified: NOTHING, duration: NOTHING, ordinary: NOTHING, suspicious: NOTHING },
}

/** Lets somebody who took no part review the case, once access is over. */
export function ReviewCase({ one }: { readonly one: CaseView }) {
  const [open, setOpen] = useState(false)
  const { mayReview, whyNoReview } = one.mine
  const owed = one.obligations.some(({ code }) => code === 'review')
  if (!mayReview) return owed && whyNoReview !== null ? <p className="muted">{whyNoReview}</p> : null
  if (open) return <Reviewing one={one} onClose={() => setOpen(false)} />
  // Whoever wants a second look may have one; what nobody asks for is no big button.
  if (!owed && one.grant === null) return null
  return (
    <div className="row">
      <Button kind={owed ? 'primary' : 'quiet'} big={owed} icon={ClipboardCheck} onClick={() => setOpen(true)}>
        {one.reviews.length > 0 ? 'Review this case too…' : 'Review this case…'}
      </Button>
    </div>
  )
}

function Reviewing({ one, onClose }: { readonly one: CaseView; readonly onClose: () => void }) {
  const { client, desk } = useApp()
  const confirm = useConfirm()
  const action = useAction()
  const [filled, setFilled] = useState(EMPTY)
  const [tried, setTried] = useState(false)
  const { classification, answers } = filled
  const answered = (question: Question, change: Partial<Filled['answers'][Question]>) =>
    setFilled({ ...filled, answers: { ...answers, [question]: { ...answers[question], ...change } } })
  const send = () => {
    setTried(true)
    const tidy = Object.fromEntries(
      QUESTIONS.map((question) => [question, { ...answers[question], text: tidyText(answers[question].text) }]),
    )
    const form = reviewForm.safeParse({ request: one.id, classification, ...tidy })
    if (!form.success) return
    action.run(async () => {
      const what = `this case as ${CLASSIFICATION_WORDS[form.data.classification]}`
      const draft = await client.cases.review(form.data)
      if ((await desk.review(draft, `Review ${what}`, `review ${what}`)) !== 'done') return
      confirm(`You reviewed ${what}.`)
      onClose()
    })
  }
  return (
    <Section title="Your review">
      <Form label="Review" className="card stack-32" onSubmit={send}>
        <TrailLines trail={one.trail} />
        <Group legend="What was this case?" hint={tried && classification === null ? <Needed /> : undefined} across>
          {CLASSIFICATIONS.toReversed().map((each) => (
            <Choice
              key={each}
              type="radio"
              name="review-what"
              label={CLASSES[each]}
              checked={classification === each}
              onChoose={() => setFilled({ ...filled, classification: each })}
            />
          ))}
        </Group>
        {QUESTIONS.map((question) => (
          <div key={question} className="stack">
            <Group legend={QUESTION_WORDS[question]} hint={hintOf(question)} across>
              {ANSWERS[question].map((answer) => (
                <Choice
                  key={answer}
                  type="radio"
                  name={`review-${question}`}
                  label={ANSWER_WORDS[answer]}
                  checked={answers[question].answer === answer}
                  onChoose={() => answered(question, { answer })}
                />
              ))}
            </Group>
            <Text
              label={ASKS[question]}
              value={answers[question].text}
              onValue={(text) => answered(question, { text })}
              wrong={tried ? wrongWords(question) : undefined}
              maxLength={MOST_ANSWER}
            />
          </div>
        ))}
        <div className="row">
          <Button kind="primary" big icon={ClipboardCheck} busy={action.busy} type="submit">
            {classification === null ? 'Review this case' : `Review it as ${CLASSIFICATION_WORDS[classification]}`}
          </Button>
          <Button big onClick={onClose}>
            Not now
          </Button>
        </div>
        {action.trouble}
      </Form>
    </Section>
  )

  function wrongWords(question: Question): string | undefined {
    const { answer, text } = answers[question]
    return wrongText(tidyText(text), MOST_ANSWER, answer === null || answer === ANSWERS[question][0] ? 0 : 1)
  }

  function hintOf(question: Question): ReactNode {
    const isMissing = tried && answers[question].answer === null
    if (question !== 'duration') return isMissing ? <Needed /> : undefined
    return (
      <>
        <Measured times={one.times} /> {isMissing && <Needed />}
      </>
    )
  }
}

const CLASSES: Readonly<Record<Classification, string>> = {
  real: 'A real emergency',
  drill: 'A drill',
  misuse: 'Misuse',
}

function Needed() {
  return <span className="wrong">Please choose one.</span>
}
