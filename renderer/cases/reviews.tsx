import { CircleCheck, GraduationCap, TriangleAlert } from 'lucide-react'
import type { CaseView, ReviewView } from '../../shared/views/case-views.ts'
import { Exact } from '../ui/exact-text.tsx'
import { Note } from '../ui/note.tsx'
import { Section } from '../ui/page.tsx'
import { State, type Tone } from '../ui/state.tsx'
import { Clock } from '../ui/time.tsx'
import { fullUtc } from '../ui/time-words.ts'

const LOOKS: Readonly<Record<ReviewView['classification'], readonly [Tone, typeof CircleCheck, string]>> = {
  misuse: ['red', TriangleAlert, 'Misuse'],
  real: ['green', CircleCheck, 'Real emergency'],
  drill: ['plain', GraduationCap, 'Drill'],
}

/** What reviewers call a case. */
export function Classified({ as }: { readonly as: ReviewView['classification'] }) {
  const [tone, icon, words] = LOOKS[as]
  return (
    <State tone={tone} icon={icon}>
      {words}
    </State>
  )
}

/** Every review that counts, whole. */
export function Reviews({ one, utc = false }: { readonly one: CaseView; readonly utc?: boolean }) {
  if (one.reviews.length === 0) return null
  return (
    <Section title={one.reviews.length === 1 ? 'Review' : 'Reviews'}>
      {one.reviews.map((review) => (
        <article key={review.id} className="card stack" aria-label={`Review by ${review.person.name}`}>
          <p className="row">
            <Classified as={review.classification} />
            <span>
              reviewed by <Exact>{review.person.name}</Exact>,{' '}
              {utc ? <time>{fullUtc(review.at)}</time> : <Clock at={review.at} />}
            </span>
          </p>
          <dl className="answers stack">
            {review.answers.map(({ question, answer, text }) => (
              <div key={question} className="answer">
                <dt>{question}</dt>
                <dd>
                  {answer}
                  {text !== '' && (
                    <>
                      : <Exact>{text}</Exact>
                    </>
                  )}
                </dd>
              </div>
            ))}
          </dl>
          {review.left && <Note level="attention" what="These keys no longer stand in the organization." />}
        </article>
      ))}
    </Section>
  )
}
