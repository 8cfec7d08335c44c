/** Whose messages a new account reads or answers: one's own at once, a colleague's once they agree. */

import { me } from "../../runtime/runtime";
import type { ProfileRightView } from "../../wire/types";
import { Levels } from "./Levels";
import * as rules from "./rights";
import { teamWords } from "./words";

interface NewProfilesProps {
  profiles: readonly ProfileRightView[];
  organisation: string;
  who: string;
  levels: Readonly<Record<string, rules.ProfileLevel>>;
  onLevels: (levels: Readonly<Record<string, rules.ProfileLevel>>) => void;
}

export function NewProfiles({ profiles, organisation, who, levels, onLevels }: NewProfilesProps) {
  const w = teamWords.value.create;
  const m = teamWords.value.member;
  if (!profiles.length) return null;
  const about = ({ person, person_name }: ProfileRightView): string => {
    const level = levels[person] ?? "none";
    if (level !== "none" && person !== organisation && person !== me.value?.id) return m.asks(person_name);
    return level === "answer" ? m.signs(who || w.somebody, person_name) : "";
  };
  return (
    <fieldset class="stack gap-l">
      <legend class="lbl">{w.profiles}</legend>
      {profiles.map(profile => (
        <div class="stack" key={profile.person}>
          <div class="tm-what">
            <b>
              <bdi>{profile.person_name}</bdi>
            </b>
            <span class="t13 soft" aria-live="polite">
              {about(profile)}
            </span>
          </div>
          <Levels
            label={m.profileOf(profile.person_name)}
            levels={rules.PROFILE_LEVELS}
            names={m.profileLevels}
            value={levels[profile.person] ?? "none"}
            able={profile.givable ?? []}
            onChoose={level => onLevels({ ...levels, [profile.person]: level })}
          />
        </div>
      ))}
    </fieldset>
  );
}
