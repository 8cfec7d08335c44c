/** Loaded with the application: a device locks without the network too. */
export { default as LockScreen } from "./LockScreen";
