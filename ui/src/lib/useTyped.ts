import { useRef } from "react";

/** After this pause what is typed begins anew, in milliseconds. */
const pause = 700;

/** What is typed letter by letter to find an entry by the beginning of its name. */
export function useTyped(): { going: () => boolean; add: (letter: string) => string } {
  const typed = useRef({ text: "", at: 0 });
  const going = (): boolean => typed.current.text !== "" && Date.now() - typed.current.at < pause;
  return {
    going,
    add: (letter) => {
      const text = going() ? typed.current.text + letter : letter;
      typed.current = { text, at: Date.now() };
      return text;
    },
  };
}
