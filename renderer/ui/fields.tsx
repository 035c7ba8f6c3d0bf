import { type InputHTMLAttributes, type ReactNode, type TextareaHTMLAttributes, useId } from 'react'

interface Labelled {
  readonly label: string
  readonly hint?: ReactNode
  readonly wrong?: string | undefined
}

type Control = Labelled & {
  readonly value: string
  readonly onValue: (value: string) => void
  readonly code?: boolean
}

type LineProps = Control & Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'className' | 'value' | 'style'>

/** One line of text. */
export function Line({ label, hint, wrong, value, onValue, code = false, ...rest }: LineProps) {
  return (
    <Field label={label} hint={hint} wrong={wrong}>
      {(ids) => (
        <input
          type="text"
          autoComplete="off"
          spellCheck={false}
          {...rest}
          {...ids}
          className={code ? 'input code' : 'input'}
          value={value}
          onChange={(event) => onValue(event.target.value)}
        />
      )}
    </Field>
  )
}

type TextProps = Control &
  Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'onChange' | 'className' | 'value' | 'style'>

/** Text of several lines. */
export function Text({ label, hint, wrong, value, onValue, code = false, ...rest }: TextProps) {
  return (
    <Field label={label} hint={hint} wrong={wrong}>
      {(ids) => (
        <textarea
          autoComplete="off"
          spellCheck={!code}
          {...rest}
          {...ids}
          className={code ? 'input code' : 'input'}
          value={value}
          onChange={(event) => onValue(event.target.value)}
        />
      )}
    </Field>
  )
}

interface Ids {
  readonly id: string
  readonly 'aria-describedby': string | undefined
  readonly 'aria-invalid': true | undefined
}

/** Label, hint and what is wrong around any control. */
export function Field({ label, hint, wrong, children }: Labelled & { readonly children: (ids: Ids) => ReactNode }) {
  const id = useId()
  const described = [hint ? `${id}-hint` : '', wrong ? `${id}-wrong` : ''].filter((one) => one !== '').join(' ')
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {hint && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {children({ id, 'aria-describedby': described || undefined, 'aria-invalid': wrong ? true : undefined })}
      {wrong && (
        <p className="wrong" id={`${id}-wrong`}>
          {wrong}
        </p>
      )}
    </div>
  )
}

/** Choices of which one is taken, or any number. */
export function Group({
  legend,
  hint,
  across = false,
  children,
}: {
  readonly legend: string
  readonly hint?: ReactNode
  readonly across?: boolean
  readonly children: ReactNode
}) {
  return (
    <fieldset className="group stack-8">
      <legend>{legend}</legend>
      {hint && <p className="hint">{hint}</p>}
      <div className={across ? 'choices across' : 'choices'}>{children}</div>
    </fieldset>
  )
}

interface ChoiceProps {
  readonly type: 'radio' | 'checkbox'
  readonly name: string
  readonly label: string
  readonly hint?: string | undefined
  readonly checked: boolean
  readonly onChoose: (checked: boolean) => void
}

/** One choice as a large target. */
export function Choice({ type, name, label, hint, checked, onChoose }: ChoiceProps) {
  const id = useId()
  return (
    <label className="choice" htmlFor={id}>
      <input
        id={id}
        type={type}
        name={name}
        checked={checked}
        aria-label={label}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChoose(event.target.checked)}
      />
      <span>{label}</span>
      {hint && (
        <span className="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
    </label>
  )
}

/** A statement that one agrees to or not. */
export function Check({
  label,
  hint,
  checked,
  onCheck,
}: {
  readonly label: string
  readonly hint?: string
  readonly checked: boolean
  readonly onCheck: (checked: boolean) => void
}) {
  const id = useId()
  return (
    <label className="check" htmlFor={id}>
      <input
        id={id}
        type="checkbox"
        checked={checked}
        aria-label={label}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onCheck(event.target.checked)}
      />
      <span>
        {label}
        {hint && (
          <span className="muted small" id={`${id}-hint`}>
            <br />
            {hint}
          </span>
        )}
      </span>
    </label>
  )
}
