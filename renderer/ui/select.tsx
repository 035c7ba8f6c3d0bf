import { Field } from './fields.tsx'

interface SelectProps {
  readonly label: string
  readonly value: string
  readonly onValue: (value: string) => void
  readonly options: readonly (readonly [value: string, words: string])[]
}

/** The system's own drop-down list: it needs no style element, and everybody knows it. */
export function Select({ label, value, onValue, options }: SelectProps) {
  return (
    <Field label={label}>
      {(ids) => (
        <select {...ids} className="input" value={value} onChange={(event) => onValue(event.target.value)}>
          {options.map(([key, words]) => (
            <option key={key} value={key}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}
