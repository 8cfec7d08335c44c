/** Whose messages a member reads or answers, and what of patients they do not see. */

import { ago } from "../../i18n";
import { minute } from "../../runtime/clock";
import { me } from "../../runtime/runtime";
import { Icon } from "../../ui/Icon";
import type { LimitsForm, MemberRights, ProfileRightView } from "../../wire/types";
import { Levels } from "./Levels";
import * as rules from "./rights";
import { teamWords } from "./words";

interface PartProps {
  rights: MemberRights;
  edits: rules.Edits;
  onEdits: (edits: rules.Edits) => void;
}

export function Profiles({ organisation, rights, edits, onEdits }: PartProps & { organisation: string }) {
  const w = teamWords.value.member;
  return (
    <section class="card tm-blk" aria-label={w.profiles}>
      <h2>{w.profiles}</h2>
      {rights.profiles.length === 0 && <p class="hint tm-in">{w.profilesNone}</p>}
      <ul class="tm-profiles">
        {rights.profiles.map(profile => (
          <li key={profile.person}>
            <div class="row">
              <div class="grow tm-what">
                <b>
                  <bdi>{profile.person_name}</bdi>
                </b>
                <span class="t13 soft">{about(profile, rights, edits, organisation)}</span>
              </div>
              {profile.pending && edits.profiles[profile.person] === undefined && (
                <span class="tag clock">
                  <Icon name="clock" size="xs" />
                  {w.pending}
                </span>
              )}
            </div>
            <Levels
              label={w.profileOf(profile.person_name)}
              levels={rules.PROFILE_LEVELS}
              names={w.profileLevels}
              value={rules.profileNow(profile, edits)}
              able={profile.givable ?? []}
              onChoose={level => onEdits(rules.chooseProfile(edits, profile, level))}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What a level means here: how an answer is signed, or whose consent it needs. */
function about(profile: ProfileRightView, rights: MemberRights, edits: rules.Edits, organisation: string): string {
  const w = teamWords.value.member;
  const now = rules.profileNow(profile, edits);
  if (now === rules.askedLevel(profile) && profile.pending)
    return w.asked(profile.person_name, ago(profile.asked_at ?? "", minute.value));
  const isTheirs = profile.person !== organisation && profile.person !== me.value?.id;
  const isMore = rules.PROFILE_LEVELS.indexOf(now) > rules.PROFILE_LEVELS.indexOf(profile.level);
  if (isMore && isTheirs) return w.asks(profile.person_name);
  return now === "answer" ? w.signs(rights.member.first_name || rights.member.name, profile.person_name) : "";
}

const LIMITS: (keyof LimitsForm)[] = ["notes_hidden", "dashboard_hidden", "may_export"];

export function Limits({ rights, edits, onEdits }: PartProps) {
  const w = teamWords.value.member;
  const now = rules.limitsNow(rights, edits);
  return (
    <section class="card tm-blk" aria-label={w.limits}>
      <h2>
        {w.limits} <span class="t13 soft">{w.ownersOnly}</span>
      </h2>
      <div class="tm-checks">
        {LIMITS.map(limit => (
          <Check
            key={limit}
            words={w.limit[limit] ?? ["", ""]}
            checked={now[limit]}
            disabled={!rights.may_limit}
            onChange={on => onEdits(rules.chooseLimit(edits, rights, limit, on))}
          />
        ))}
      </div>
    </section>
  );
}

interface CheckProps {
  words: [string, string];
  checked: boolean;
  disabled?: boolean;
  onChange: (on: boolean) => void;
}

/** A box with what it means below its name. */
export function Check({ words: [name, text], checked, disabled = false, onChange }: CheckProps) {
  return (
    <label class={`tm-check ${disabled ? "off" : ""}`}>
      <input
        type="checkbox"
        class="tm-box"
        checked={checked}
        disabled={disabled}
        onChange={event => onChange(event.currentTarget.checked)}
      />
      <span class="tm-what">
        <b>{name}</b>
        <span class="t13 soft">{text}</span>
      </span>
    </label>
  );
}
