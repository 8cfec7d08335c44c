/** The organisations that one belongs to: members, what each may do, and the card. */

import { useEffect, useState } from "preact/hooks";
import { words } from "../../i18n";
import { go, href, type TeamTab } from "../../runtime/routes";
import { me } from "../../runtime/runtime";
import { Empty, Failed, Skeleton } from "../../ui/Empty";
import { Card } from "./Card";
import { Found } from "./Found";
import { TeamFrame } from "./Frame";
import { Member } from "./Member";
import { Members } from "./Members";
import { organisation, organisations, reloadOrganisation } from "./state";
import { teamWords } from "./words";

interface TeamProps {
  organisation: string | null;
  tab: TeamTab;
  person?: string;
}

export default function Team({ organisation: id, tab, person }: TeamProps) {
  const mine = organisations.value;
  const acting = me.value?.acting_for;
  const first = mine.find(one => one.id === acting) ?? mine[0];
  useEffect(() => {
    if (id === null && first) go({ name: "team", organisation: first.id, tab: "members" }, { replace: true });
  }, [id, first?.id]);
  if (id === null) return first ? null : <Nowhere />;
  return <Inside key={`${id}/${person ?? ""}`} id={id} tab={tab} {...(person === undefined ? {} : { person })} />;
}

function Inside({ id, tab, person }: { id: string; tab: TeamTab; person?: string }) {
  const w = teamWords.value;
  const { value: shown, problem } = organisation(id).value;
  if (!shown && problem?.reason === "not_found")
    return (
      <TeamFrame id={null} tab={tab}>
        <Empty icon="lock" title={w.unknown}>
          <a class="btn line" href={href({ name: "team", organisation: null, tab: "members" })}>
            {w.backToTeam}
          </a>
        </Empty>
      </TeamFrame>
    );
  if (!shown)
    return (
      <TeamFrame id={id} tab={tab}>
        {problem ? <Failed problem={problem} onRetry={() => void reloadOrganisation(id)} /> : <Skeleton rows={6} />}
      </TeamFrame>
    );
  if (person !== undefined) return <Member organisation={shown} person={person} />;
  if (tab === "settings" || !shown.settings) return <Card organisation={shown} />;
  return <Members organisation={shown} />;
}

/** Somebody who is verified and belongs nowhere. */
function Nowhere() {
  const w = teamWords.value.none;
  const [founding, setFounding] = useState(false);
  const mayFound = me.value?.function === "practitioner";
  return (
    <TeamFrame id={null} tab="members">
      <Empty icon="users" title={w.title}>
        <p>{mayFound ? w.practitioner : w.other}</p>
        {mayFound && (
          <button type="button" class="btn main" onClick={() => setFounding(true)}>
            {teamWords.value.found.title}
          </button>
        )}
        <a class="btn line" href={href({ name: "conversations" })}>
          {words.value.backHome}
        </a>
      </Empty>
      {founding && <Found onClose={() => setFounding(false)} />}
    </TeamFrame>
  );
}
