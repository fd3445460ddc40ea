"""Layers of a scene: what each kind may say of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, Tag
from typing_extensions import TypeAliasType

from visuals.show.schema.entry import Entry, by
from visuals.show.schema.values import Images, Inputs, Name, Share, Weights
from visuals.types import Align, Blend, Fit, Lettering
from visuals.vocabulary import FEEDBACK_CONTROLS, MODEL_CONTROLS, Term


def _told(terms: Mapping[str, Term]) -> dict[str, Any]:
    """Controls as an editor completes them."""
    return {
        name: {"type": "number", "description": term.about}
        | ({"minimum": term.low} if term.low is not None else {})
        | ({"maximum": term.high} if term.high is not None else {})
        for name, term in terms.items()
    }


class Dream(BaseModel):
    """What a model layer dreams: a style, or one of the show's prompts, or weights of several, and base values."""

    model_config = ConfigDict(
        extra="allow",
        frozen=True,
        json_schema_extra=lambda schema: schema["properties"].update(_told(MODEL_CONTROLS)),
    )
    __pydantic_extra__: dict[str, float]
    style: Weights | None = None
    prompt: Weights | None = None


class Feedback(BaseModel):
    """How what was there comes back: base values."""

    model_config = ConfigDict(
        extra="allow",
        frozen=True,
        json_schema_extra=lambda schema: schema.setdefault("properties", {}).update(_told(FEEDBACK_CONTROLS)),
    )
    __pydantic_extra__: dict[str, float]


class FilterEntry(Entry):
    """A shader that a picture goes through; `opacity` is how much of what it does shows."""

    name: Name
    shader: str
    inputs: Inputs = Field(default_factory=dict)
    images: Images = Field(default_factory=dict)
    opacity: float = Field(1.0, ge=0.0, le=1.0)
    bypass: bool = False


class LayerEntry(Entry):
    """What every layer may have: what its picture goes through, how much of it shows, and how it is blended.

    A mask is a layer whose light is how much of this one shows.
    """

    name: Name
    blend: Blend = "normal"
    opacity: float = Field(1.0, ge=0.0, le=1.0)
    bypass: bool = False
    solo: bool = False
    filters: list[FilterEntry] = Field(default_factory=list, max_length=16)
    mask: AnyLayer | None = None
    invert_mask: bool = False


class ModelLayer(LayerEntry):
    """A picture the model dreams; `source` is a layer below, which `strength` under 1 mixes in (0.5 if unsaid)."""

    model: Dream
    source: Name | None = None


class ShaderLayer(LayerEntry):
    """A picture a shader draws; `inputs` are base values of its inputs, `images` files for its image inputs.

    `alpha: ignore` is for shaders that leave there what they do not mean: many a converted one does.
    """

    shader: str
    inputs: Inputs = Field(default_factory=dict)
    images: Images = Field(default_factory=dict)
    alpha: Literal["use", "ignore"] = "use"


class PlacedLayer(LayerEntry):
    """A picture with a shape of its own: how it fits the canvas, and base values of where it stands."""

    fit: Fit = "cover"
    inputs: dict[str, float] = Field(default_factory=dict)


class ImageLayer(PlacedLayer):
    """A picture file from the show's folder."""

    image: str


class VideoLayer(PlacedLayer):
    """A clip from the show's folder, looped; `inputs` may have `speed`, or `beats` to keep it on the beat."""

    video: str


class CameraLayer(PlacedLayer):
    """What a camera sees, by its name or number."""

    camera: str | int


class TextLayer(LayerEntry):
    """A text; `height` of a line as a share of the canvas, `font` a file of the show's folder."""

    text: str = Field(min_length=1, max_length=1000)
    font: str | None = None
    height: float = Field(Lettering().height, gt=0.0, le=1.0)
    align: Align = "center"
    color: tuple[Share, Share, Share] = Lettering().color
    inputs: dict[str, float] = Field(default_factory=dict)


class FeedbackLayer(LayerEntry):
    """The last frame of the scene or group it stands in, moved on and fading; at its best below all else."""

    feedback: Feedback
    blend: Blend = "lighten"


class GroupLayer(LayerEntry):
    """Layers of their own, bottom first, that are blended, filtered and masked as one."""

    layers: Annotated[list[AnyLayer], Field(min_length=1, max_length=32)]


AnyLayer = TypeAliasType(
    "AnyLayer",
    Annotated[
        Annotated[ModelLayer, Tag("<model>")]
        | Annotated[ShaderLayer, Tag("<shader>")]
        | Annotated[ImageLayer, Tag("<image>")]
        | Annotated[VideoLayer, Tag("<video>")]
        | Annotated[CameraLayer, Tag("<camera>")]
        | Annotated[TextLayer, Tag("<text>")]
        | Annotated[FeedbackLayer, Tag("<feedback>")]
        | Annotated[GroupLayer, Tag("<layers>")],
        by("model", "shader", "image", "video", "camera", "text", "feedback", "layers"),
    ],
)
