"""The networks, with the parameter names of the published checkpoints."""
from .classifier import Classifier
from .generator import Generator
from .proxy import Proxy
from .tokenizer import Tokenizer
