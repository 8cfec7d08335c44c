/** The members of an organisation, found by name, function or e-mail. */

import { useEffect, useState } from "preact/hooks";
import { minute } from "../../runtime/clock";
import { href } from "../../runtime/routes";
import { me } from "../../runtime/runtime";
import { announce } from "../../ui/announcer";
import { Empty, Failed, Skeleton } from "../../ui/Empty";
import { FilterChips } from "../../ui/FilterChips";
import { Icon } from "../../ui/Icon";
import { arrows, downTo } from "../../ui/keyboard";
import { Avatar } from "../../ui/members";
import type { OrganisationMember, OrganisationProfile } from "../../wire/types";
import { CreateDialog } from "./CreateDialog";
import { TeamFrame } from "./Frame";
import { functionOf, lastSeen, stateOf } from "./people";
import { members, moreMembers, type Only, reloadMembers, showMembers } from "./state";
import { teamWords } from "./words";

/** Between the last key and the question, in milliseconds. */
const ASK_AFTER = 200;

export function Members({ organisation }: { organisation: OrganisationProfile }) {
  const w = teamWords.value.members;
  const [text, setText] = useState("");
  const [only, setOnly] = useState<Only>("all");
  const [creating, setCreating] = useState(false);
  const { state, items, counts, more, problem } = members.value;
  useEffect(() => {
    const soon = setTimeout(
      () => showMembers({ organisation: organisation.id, text: text.trim(), only }),
      text ? ASK_AFTER : 0,
    );
    return () => clearTimeout(soon);
  }, [organisation.id, text, only]);
  useEffect(() => {
    if (state === "ready" && text) announce(w.found(items.length));
  }, [state, items]);
  const runs = organisation.abilities?.includes("manage_members");
  const options: [Only, string][] = [
    ["all", counts ? `${w.only.all} ${counts.total}` : w.only.all],
    ...(runs
      ? ([["invited", counts ? `${w.only.invited} ${counts.invited}` : w.only.invited]] as [Only, string][])
      : []),
    ["administrators", counts ? `${w.only.administrators} ${counts.administrators}` : w.only.administrators],
  ];
  return (
    <TeamFrame
      id={organisation.id}
      tab="members"
      actions={
        organisation.abilities?.includes("create_members") && (
          <button type="button" class="btn main" onClick={() => setCreating(true)}>
            <Icon name="plus" size="s" />
            {teamWords.value.create.button}
          </button>
        )
      }
    >
      <div class="card tm-card">
        <div class="tm-tools">
          <label class="search">
            <Icon name="search" />
            <span class="sr">{w.searchLabel}</span>
            <input
              type="search"
              data-search
              placeholder={w.search}
              value={text}
              onInput={event => setText(event.currentTarget.value)}
              onKeyDown={downTo(".tm-people tbody a")}
            />
          </label>
          <FilterChips value={only} onChoose={setOnly} options={options} />
        </div>
        {problem && <Failed problem={problem} onRetry={reloadMembers} />}
        {state === "loading" && items.length === 0 && <Skeleton rows={6} />}
        {state === "ready" && items.length === 0 && (
          <Empty icon="users" title={w.nobody}>
            {w.nobodyHow}
          </Empty>
        )}
        {items.length > 0 && <Table organisation={organisation.id} items={items} runs={runs ?? false} />}
        {more && (
          <p class="center">
            <button type="button" class="btn bare" onClick={moreMembers}>
              {w.more}
            </button>
          </p>
        )}
      </div>
      {creating && <CreateDialog organisation={organisation} onClose={() => setCreating(false)} />}
    </TeamFrame>
  );
}

interface TableProps {
  organisation: string;
  items: readonly OrganisationMember[];
  runs: boolean;
}

function Table({ organisation, items, runs }: TableProps) {
  const w = teamWords.value.members;
  return (
    <table class="tm-tbl tm-people" onKeyDown={arrows("tbody a")}>
      <thead>
        <tr>
          <th scope="col">{w.person}</th>
          <th scope="col">{w.function}</th>
          <th scope="col">{w.state}</th>
          {runs && <th scope="col">{w.lastSeen}</th>}
        </tr>
      </thead>
      <tbody>
        {items.map(member => (
          <Row key={member.person ?? member.invitation} organisation={organisation} member={member} runs={runs} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ organisation, member, runs }: { organisation: string; member: OrganisationMember; runs: boolean }) {
  const w = teamWords.value.members;
  const { person, name } = member;
  const [look, icon, said] = stateOf(member, minute.value);
  const isMe = person !== undefined && person === me.value?.id;
  return (
    <tr>
      <td>
        <div class="person">
          <Avatar id={person ?? member.invitation ?? ""} name={name} size="s" />
          <div class="grow">
            <div class="n1">
              {person === undefined ? (
                <bdi>{name}</bdi>
              ) : (
                <a class="tm-open" href={href({ name: "team", organisation, tab: "members", person })}>
                  <bdi>{isMe ? w.you(name) : name}</bdi>
                </a>
              )}
            </div>
            {member.email && member.email !== name && <div class="sub">{member.email}</div>}
          </div>
        </div>
      </td>
      <td class="tm-second">{functionOf(member)}</td>
      <td class="tm-second">
        <span class={`tag ${look}`}>
          <Icon name={icon} size="xs" />
          {said}
        </span>
      </td>
      {runs && <td class="muted tm-hidep">{lastSeen(member, minute.value)}</td>}
    </tr>
  );
}
