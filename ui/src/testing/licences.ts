import type { LicensedComponent } from "../ipc";
import { failure, type Handlers } from "../ipc/fake";

const components: LicensedComponent[] = [
  { name: "react", version: "19.3.1", kind: "package", licence: "MIT", home: null, texts: 1 },
  {
    name: "serde",
    version: "1.0.230",
    kind: "crate",
    licence: "MIT OR Apache-2.0",
    home: "https://github.com/serde-rs/serde",
    texts: 2,
  },
  { name: "without-text", version: "0.1.0", kind: "crate", licence: "ISC", home: null, texts: 0 },
];

/** A few components instead of some hundred. */
export const licenceCommands: Handlers = {
  licences: () => ({ components }),
  licence_text: ({ name }) => {
    if (!components.some((component) => component.name === name)) throw failure(`${name} is not built in`);
    return { text: `LICENSE\n=======\n\nCopyright of the authors of ${name}` };
  },
};
