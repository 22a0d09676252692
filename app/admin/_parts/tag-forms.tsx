import { TAG_REASON_CHARACTERS_MAX } from '../../../lib/commands/tags.ts';
import { TAG_CHARACTERS_MAX } from '../../../lib/model/tag.ts';

const ACTION = '/admin/tags/change';

interface FieldProps {
  id: string;
  name: string;
  label: string;
}

function NameField({ id, name, label }: FieldProps) {
  return (
    <div>
      <label htmlFor={id}>{label}</label>
      <input id={id} name={name} required maxLength={TAG_CHARACTERS_MAX} autoComplete="off" />
    </div>
  );
}

function ReasonField({ id }: { id: string }) {
  return (
    <div>
      <label htmlFor={id}>Why, for the public log (may be left empty)</label>
      <input id={id} name="reason" maxLength={TAG_REASON_CHARACTERS_MAX} autoComplete="off" />
    </div>
  );
}

/** What can be done with two names: merge tags, or have a name mean a tag. */
export function TwoTags() {
  return (
    <form method="post" action={ACTION} className="field wishes">
      <div className="pair">
        <NameField id="from" name="from" label="This name or tag" />
        <NameField id="into" name="into" label="is this tag" />
      </div>
      <ReasonField id="why-two" />
      <div className="inline">
        <button type="submit" name="wish" value="merge" className="btn">
          Merge
        </button>
        <button type="submit" name="wish" value="alias" className="btn two">
          Make an alias
        </button>
      </div>
    </form>
  );
}

/** What can be done with one name. */
export function WishForms() {
  return (
    <form method="post" action={ACTION} className="field wishes">
      <NameField id="name" name="name" label="A tag to hide or show, an alias to split off again" />
      <ReasonField id="why-one" />
      <div className="inline">
        <button type="submit" name="wish" value="hide" className="btn two">
          Hide
        </button>
        <button type="submit" name="wish" value="show" className="btn two">
          Show
        </button>
        <button type="submit" name="wish" value="split" className="btn two">
          Split off
        </button>
      </div>
    </form>
  );
}
