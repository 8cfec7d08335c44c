/** The last step: the application on the home screen. */

import { install, way } from "../../runtime/installing";
import { go } from "../../runtime/routes";
import { StepTitle } from "./StepTitle";
import { signUpWords } from "./words";

export function InstallStep() {
  const w = signUpWords.value.install;
  const onIos = way() === "share";
  const goOn = () => go({ name: "verification" });
  return (
    <>
      <div>
        <StepTitle>{w.title}</StepTitle>
        <p class="lead">{w.lead}</p>
      </div>
      {onIos && (
        <ol class="card todo">
          {w.share.map(text => (
            <li key={text}>{text}</li>
          ))}
        </ol>
      )}
      {onIos ? (
        <button type="button" class="btn main tall wide" onClick={goOn}>
          {w.done}
        </button>
      ) : (
        <>
          <button type="button" class="btn main tall wide" onClick={() => void install().then(goOn)}>
            {w.submit}
          </button>
          <button type="button" class="btn bare tall wide" onClick={goOn}>
            {w.later}
          </button>
        </>
      )}
    </>
  );
}
