import { render } from "preact";
import { begin } from "./store";
import { App } from "./views/App";

begin();
render(<App />, document.getElementById("app")!);
