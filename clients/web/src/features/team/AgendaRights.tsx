/** One row for each agenda, room and device of an organisation, with its level; several may be given one level at once. */

import { useState } from "preact/hooks";
import { announce, toast } from "../../ui/announcer";
import { FurtherIcon } from "../../ui/FurtherIcon";
import { Icon } from "../../ui/Icon";
import { Avatar } from "../../ui/members";
import type { MemberRights, OrganisationProfile, ResourceRight } from "../../wire/types";
import { Levels } from "./Levels";
import * as rules from "./rights";
import { teamWords } from "./words";

interface AgendaRightsProps {
  organisation: OrganisationProfile;
  rights: MemberRights;
  edits: rules.Edits;
  onEdits: (edits: rules.Edits) => void;
  /** On a phone the head has no room for it. */
  onClone?: () => void;
}

export function AgendaRights({ organisation, rights, edits, onEdits, onClone }: AgendaRightsProps) {
  const w = teamWords.value.member;
  const [site, setSite] = useState<string | null>(null);
  const [picked, setPicked] = useState<readonly string[]>([]);
  const sites = sitesOf(rights.resources, w.noSite);
  const shown = rights.resources.filter(right => site === null || (right.site ?? "") === site);
  const able = shown.filter(right => right.givable?.length);
  const selected = able.filter(right => picked.includes(right.resource));
  const pick = (resource: string) =>
    setPicked(picked.includes(resource) ? picked.filter(one => one !== resource) : [...picked, resource]);
  const give = (level: rules.Level) => {
    const { edits: next, left } = rules.chooseForAll(edits, selected, level);
    onEdits(next);
    setPicked([]);
    if (left) toast(w.leftAsIs(left));
    else announce(w.changes(rules.countOf(rights, next)));
  };
  return (
    <section class="card tm-blk" aria-label={w.rights}>
      <h2>
        {w.rights}
        {onClone && (
          <button type="button" class="btn line small only-phone" onClick={onClone}>
            <FurtherIcon name="copy" size="s" />
            {w.clone}
          </button>
        )}
      </h2>
      {sites.length > 1 && (
        <fieldset class="chips tm-in" aria-label={w.sites}>
          <SiteChip
            name={w.everySite}
            count={rights.resources.length}
            on={site === null}
            onPress={() => setSite(null)}
          />
          {sites.map(each => (
            <SiteChip key={each.id} {...each} on={site === each.id} onPress={() => setSite(each.id)} />
          ))}
        </fieldset>
      )}
      {able.length > 1 && (
        <Several
          all={able}
          selected={selected}
          onGive={give}
          onAll={() => setPicked(able.map(right => right.resource))}
          onNone={() => setPicked([])}
        />
      )}
      {rights.resources.length === 0 && <p class="hint tm-in">{w.noAgenda}</p>}
      <ul class="tm-rights">
        {shown.map(right => (
          <Row
            key={right.resource}
            right={right}
            rights={rights}
            edits={edits}
            ownPatientsOnly={organisation.settings?.own_patients_only ?? false}
            picked={able.length > 1 && right.givable?.length ? picked.includes(right.resource) : null}
            onPick={() => pick(right.resource)}
            onEdits={onEdits}
          />
        ))}
      </ul>
      {rights.more && <p class="hint tm-in">{w.tooMany}</p>}
      <p class="tm-legend t13">
        {w.legend.map(([name, text]) => (
          <span key={name}>
            <b>{name}</b> {text}
          </span>
        ))}
      </p>
    </section>
  );
}

function SiteChip({ name, count, on, onPress }: { name: string; count: number; on: boolean; onPress: () => void }) {
  return (
    <button type="button" class="chip" aria-pressed={on} onClick={onPress}>
      <span>
        <bdi>{name}</bdi> {count}
      </span>
    </button>
  );
}

function sitesOf(resources: readonly ResourceRight[], noSite: string): { id: string; name: string; count: number }[] {
  const found = new Map<string, { id: string; name: string; count: number }>();
  for (const { site = "", site_name } of resources) {
    const known = found.get(site) ?? { id: site, name: site_name ?? noSite, count: 0 };
    found.set(site, { ...known, count: known.count + 1 });
  }
  return [...found.values()];
}

interface SeveralProps {
  all: readonly ResourceRight[];
  selected: readonly ResourceRight[];
  onGive: (level: rules.Level) => void;
  onAll: () => void;
  onNone: () => void;
}

function Several({ all, selected, onGive, onAll, onNone }: SeveralProps) {
  const w = teamWords.value.member;
  return (
    <div class="tm-several">
      <button type="button" class="btn bare small" onClick={selected.length === all.length ? onNone : onAll}>
        {selected.length === all.length ? w.unselect : w.selectAll}
      </button>
      <span class="grow t13 soft">{selected.length > 0 && w.selected(selected.length)}</span>
      <div class="tm-pick">
        <select
          aria-label={w.sameLevel}
          disabled={!selected.length}
          value=""
          onChange={event => onGive(event.currentTarget.value as rules.Level)}
        >
          <option value="" disabled>
            {w.sameLevel}
          </option>
          {rules.LEVELS.map(level => (
            <option key={level} value={level}>
              {w.levels[level]}
            </option>
          ))}
        </select>
        <Icon name="down" size="s" />
      </div>
    </div>
  );
}

interface RowProps {
  right: ResourceRight;
  rights: MemberRights;
  edits: rules.Edits;
  ownPatientsOnly: boolean;
  /** Null where it cannot be picked. */
  picked: boolean | null;
  onPick: () => void;
  onEdits: (edits: rules.Edits) => void;
}

function Row({ right, rights, edits, ownPatientsOnly, picked, onPick, onEdits }: RowProps) {
  const w = teamWords.value.member;
  const now = rules.levelNow(right, edits);
  const isChanged = now !== right.level;
  const where = [right.person_name !== right.name ? right.person_name : undefined, right.site_name];
  return (
    <li class={isChanged ? "chg" : ""}>
      {picked !== null && (
        <input type="checkbox" class="tm-box" aria-label={w.select(right.name)} checked={picked} onChange={onPick} />
      )}
      <Avatar
        id={right.person ?? right.resource}
        name={right.person_name ?? right.name}
        size="s"
        group={right.person === undefined}
      />
      <div class="grow tm-what">
        <b>
          <bdi>{right.name}</bdi>
        </b>
        <span class="t13 soft">{where.filter(Boolean).join(", ")}</span>
      </div>
      {isChanged && <span class="tag accent">{w.before(w.levels[right.level])}</span>}
      <Levels
        label={w.rightsOn(right.name)}
        levels={rules.levelsOf(right.kind)}
        names={w.levels}
        value={now}
        able={right.givable ?? []}
        why={reason(right, rights, ownPatientsOnly)}
        onChoose={level => onEdits(rules.choose(edits, right, level))}
        rising
      />
    </li>
  );
}

function reason(right: ResourceRight, rights: MemberRights, ownPatientsOnly: boolean): string | undefined {
  const w = teamWords.value.member;
  const why = rules.whyNot(right, rights, ownPatientsOnly);
  if (why === null) return undefined;
  return why === "held" ? w.why.held(w.levels[right.givable?.at(-1) ?? "none"]) : w.why[why];
}
