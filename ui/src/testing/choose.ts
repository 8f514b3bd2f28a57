import { screen } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";

/** Chooses an option of a `SelectField` as a person does: opens the list and presses the option. */
export async function choose(user: UserEvent, field: HTMLElement, option: string | RegExp): Promise<void> {
  await user.click(field);
  await user.click(await screen.findByRole("option", { name: option }));
}
