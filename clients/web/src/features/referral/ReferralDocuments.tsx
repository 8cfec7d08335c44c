/** The documents that go with a referral: uploads, and the files of the case in which it begins. */

import { useEffect, useState } from "preact/hooks";
import { Wrong } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import type { FileView } from "../../wire/types";
import { Documents } from "../files";
import { MOST } from "../files/state";
import { filesOf, isCase } from "./caseCarry";
import { setDocuments, unsent } from "./patientStep";
import type { PatientBooking } from "./types";
import { shownForm } from "./wizard";
import { referralWords } from "./words";

export function ReferralDocuments({ booking, tried }: { booking: PatientBooking; tried: boolean }) {
  const w = referralWords.value.documents;
  const { documents, conversation } = booking;
  const files = useCaseFiles(conversation);
  const offered = files.filter(({ id }) => !documents.includes(id));
  const { underway, refused } = unsent(documents);
  return (
    <section class="card form" aria-label={w.title}>
      <h2>{w.title}</h2>
      <Documents
        form={shownForm()}
        ids={documents}
        onChange={setDocuments}
        elsewhere={id => files.some(file => file.id === id)}
      />
      {offered.length > 0 && documents.length < MOST && (
        <>
          <h3>{w.ofCase}</h3>
          <ul class="docs-offered">
            {offered.map(file => (
              <li key={file.id}>
                <button
                  type="button"
                  class="btn line small"
                  aria-label={w.add(file.name)}
                  onClick={() => setDocuments([...documents, file.id])}
                >
                  <Icon name="plus" size="xs" />
                  <bdi class="cut">{file.name}</bdi>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
      <p class="hint docs-seen">
        <Icon name="lock" size="xs" />
        {w.seenBy(booking.hit.practitioner.name)}
      </p>
      {refused > 0 && <Wrong text={w.refused(refused)} />}
      {tried && refused === 0 && underway > 0 && <Wrong text={w.underway(underway)} />}
    </section>
  );
}

/** Those that the reader may open now. */
function useCaseFiles(conversation: string | undefined): readonly FileView[] {
  const [files, setFiles] = useState<readonly FileView[]>([]);
  useEffect(() => {
    let here = true;
    if (isCase(conversation)) void filesOf(conversation).then(found => here && found && setFiles(found));
    return () => {
      here = false;
    };
  }, [conversation]);
  return files;
}
