/** The way to an account, one step on the screen at a time. */

import "./signup.css";
import { useEffect } from "preact/hooks";
import { way } from "../../runtime/installing";
import { formsLoaded, openForNobody } from "../../runtime/keptForms";
import { go } from "../../runtime/routes";
import { fetchWays } from "../../runtime/signInWays";
import { Icon } from "../../ui/Icon";
import { session } from "../account/state";
import { AuthLayout } from "../entrance";
import { ActivityStep } from "./ActivityStep";
import { Agreements } from "./Agreements";
import { DeclarationForm } from "./DeclarationForm";
import { EntryStep } from "./EntryStep";
import { InstallStep } from "./InstallStep";
import { fetchIdentity } from "./offers";
import { back, onHistory, resume, type Step, signUp, toStep } from "./state";
import { Way } from "./Way";
import { signUpWords } from "./words";

const PLACES: Record<Step, number> = { way: 0, activity: 0, form: 0, agreements: 1, code: 1, entry: 2, install: 3 };
const BEFORE: Partial<Record<Step, Step>> = { form: "way", agreements: "form", code: "form" };

export default function SignUp() {
  const w = signUpWords.value;
  // Whoever is signed in already has made their account: what is left is their entry of the register.
  const isVerified = session.value.state === "signed-in";
  const isMade = isVerified || session.value.state === "not-verified";
  const { step: reached } = signUp.value;
  const step = isMade && reached !== "install" ? "entry" : reached;
  const isLoaded = formsLoaded.value;
  useEffect(() => {
    if (isMade) return;
    openForNobody();
    void fetchWays();
    void fetchIdentity();
  }, [isMade]);
  useEffect(() => {
    if (isLoaded && !isMade) resume();
  }, [isLoaded, isMade]);
  useEffect(() => {
    addEventListener("popstate", onHistory);
    return () => removeEventListener("popstate", onHistory);
  }, []);
  // With a card the account is verified as it is made: "is this you?" has been answered by it.
  useEffect(() => {
    if (!isVerified || reached === "install") return;
    if (reached === "entry" && way()) toStep("install");
    else go({ name: reached === "entry" ? "verification" : "conversations" }, { replace: true });
  }, [isVerified, reached]);
  const before = BEFORE[step];
  if (isVerified && step !== "install") return null;
  return (
    <AuthLayout wider way={{ title: w.panel.title, steps: w.panel.steps, at: PLACES[step] }}>
      {before && (
        <button type="button" class="btn bare step-back" onClick={() => back(before)}>
          <Icon name="left" size="s" />
          {w.back}
        </button>
      )}
      {step === "way" && <Way />}
      {step === "activity" && <ActivityStep />}
      {step === "form" && <DeclarationForm />}
      {(step === "agreements" || step === "code") && <Agreements />}
      {step === "entry" && <EntryStep />}
      {step === "install" && <InstallStep />}
    </AuthLayout>
  );
}
