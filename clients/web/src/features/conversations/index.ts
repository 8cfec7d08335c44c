export { Discussions } from "./Discussions";
export { NewConversation } from "./NewConversation";
