/** The two agreements, each with its text to read and its version. */

import { useState } from "preact/hooks";
import { Dialog } from "../../ui/Dialog";
import { documentWords } from "./documents";
import { signUpWords } from "./words";

const DOCUMENTS = ["terms", "data_agreement"] as const;
type Document = (typeof DOCUMENTS)[number];

interface ConsentCardProps {
  agreed: Record<Document, boolean>;
  isMissing: boolean;
  onAgree: (document: Document, yes: boolean) => void;
}

export function ConsentCard({ agreed, isMissing, onAgree }: ConsentCardProps) {
  const w = signUpWords.value.agreements;
  const documents = documentWords.value;
  const [reading, setReading] = useState<Document | null>(null);
  return (
    <>
      <div class="card agreements">
        {DOCUMENTS.map(document => (
          <div class="agreement" key={document}>
            <label class="check">
              <input
                type="checkbox"
                name={document}
                checked={agreed[document]}
                aria-invalid={isMissing && !agreed[document] ? "true" : undefined}
                onChange={event => onAgree(document, event.currentTarget.checked)}
              />
              <b>{w[document]}</b>
            </label>
            <p class="t13 soft">
              {w[`${document}Text`]} {documents.versions[document]},{" "}
              <button
                type="button"
                class="link"
                aria-label={document === "terms" ? w.readTerms : w.readData}
                onClick={() => setReading(document)}
              >
                {w.read}
              </button>
            </p>
          </div>
        ))}
      </div>
      {reading && (
        <Dialog title={documents.texts[reading].title} onClose={() => setReading(null)}>
          <p class="t13 muted">{documents.version(documents.versions[reading])}</p>
          {documents.texts[reading].parts.map(([title, text]) => (
            <section key={title}>
              <h3 class="t15">{title}</h3>
              <p>{text}</p>
            </section>
          ))}
        </Dialog>
      )}
    </>
  );
}
