"""What every value of the model is made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, Field(max_length=4096)]


class Value(BaseModel):
    """Base of every frozen value; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")
